-- require of a C module and of a Lua module, package.loadlib, a module that is not there.
package.cpath = "./app/?.so"
package.path = "./?.lua"
local counter = require "counter"
local a, b = counter.new(), counter.new(100)
for _ = 1, 5 do a() end
print(a(), b(), counter.total(), require "counter" == counter)
print(pcall(counter.fail, "on purpose"))
print(pcall(counter.fail))
print(counter.reverse("abc"), #counter.reverse(("x"):rep(1 << 20)))
local f = io.open("extra.lua", "w"); f:write("return {name = ..., list = {1, 2, 3}}"); f:close()
local extra = require "extra"
print(extra.name, #extra.list)
print((pcall(require, "not_there")))
print(package.loadlib("./app/counter.so", "luaopen_nothing") == nil)
print(package.loadlib("./app/missing.so", "*") == nil)
print(type(package.loadlib("./app/counter.so", "luaopen_counter")), package.loadlib("./app/counter.so", "*"))
for i = 1, 50 do
	local co = coroutine.create(function() local ok = pcall(counter.fail, "in a coroutine"); coroutine.yield(ok) end)
	assert(select(2, coroutine.resume(co)) == false)
end
print("total", counter.total())
