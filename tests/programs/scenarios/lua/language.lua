-- The language: coroutines, closures, metatables, strings, integers, floats, errors, goto, gc.
local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end
local s = 0
for v in gen(1000) do s = s + v end
print("coroutines", s)
local t = setmetatable({}, {__index = function(_, k) return k * 2 end, __call = function(_, a) return a .. "!" end,
	__close = function() print("closed") end})
print(t[21], t("called"))
do local c <close> = t end
print(("%5.2f|%-8s|%q|%x|%a"):format(3.14159, "left", "a\nb\0c", 255, 0.5))
print(("the loader maps the program"):gsub("%w+", string.upper))
for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do io.write(k, v, ";") end print()
print(string.pack(">I4s2", 0xdeadbeef, "xyz"):byte(1, -1))
print(7 // 2, -7 // 2, 7 % -3, 2 ^ 53, 1 << 62, 7 / 2, math.maxinteger + 1 == math.mininteger)
print(math.sin(1), math.exp(1), math.log(10), math.fmod(7, 3), math.tointeger(3.0), math.type(1))
print(pcall(error, {code = 7}), select("#", 1, nil, nil))
print(pcall(function() local x = nil; return x.y end))
print(xpcall(function() error("deep", 0) end, function(m) return "handled " .. m end))
local words = {}
for w in io.lines("words.txt") do words[#words + 1] = w end
table.sort(words, function(a, b) return a > b end)
print(#words, words[1], words[#words], table.concat(words, ",", 1, 5))
print(load("return 6 * 7")(), utf8.char(955, 8364), utf8.len("häß"))
local big = {}
for i = 1, 200000 do big[i] = {i} end
big = nil; collectgarbage(); print("collected", collectgarbage("count") < 20000)
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(24), os.time({year = 2001, month = 9, day = 9, hour = 1, min = 46, sec = 40}), os.date("!%F %T", 86400))
local deep = 0
print(pcall(function() local function r() deep = deep + 1; return 1 + r() end return r() end))
print(deep > 1000)
