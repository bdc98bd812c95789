/*
 * A C module for lua's require: closures with upvalues, a metatable, an error across the C boundary
 * (longjmp through three objects), and a buffer of its own in thread-local storage.
 */
#include <string.h>
#include "lua.h"
#include "lauxlib.h"

static _Thread_local int calls;

static int step(lua_State *L)
{
	lua_Integer next = lua_tointeger(L, lua_upvalueindex(1)) + 1;

	calls++;
	lua_pushinteger(L, next);
	lua_copy(L, -1, lua_upvalueindex(1));
	return 1;
}

static int new (lua_State *L)
{
	lua_pushinteger(L, luaL_optinteger(L, 1, 0));
	lua_pushcclosure(L, step, 1);
	return 1;
}

static int total(lua_State *L)
{
	lua_pushinteger(L, calls);
	return 1;
}

static int fail(lua_State *L)
{
	return luaL_error(L, "counter failed: %s", luaL_checkstring(L, 1));
}

static int reverse(lua_State *L)
{
	size_t len;
	const char *from = luaL_checklstring(L, 1, &len);
	luaL_Buffer buf;
	char *to = luaL_buffinitsize(L, &buf, len);

	for (size_t i = 0; i < len; i++)
		to[i] = from[len - 1 - i];
	luaL_pushresultsize(&buf, len);
	return 1;
}

int luaopen_counter(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{"new", new}, {"total", total}, {"fail", fail}, {"reverse", reverse}, {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}
