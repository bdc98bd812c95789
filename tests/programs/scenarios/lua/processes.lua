-- io.popen, os.execute, temporary files, exit code.
-- exit: 42
local p = io.popen("sort -n numbers.txt | head -3"); print(p:read("a")); print(p:close())
local w = io.popen("wc -l", "w"); for i = 1, 100 do w:write(i, "\n") end; print(w:close())
print(os.execute("exit 5")); print(os.execute("kill -9 $$"))
local name = os.tmpname(); local f = assert(io.open(name, "w+")); f:write("abc\n", 1.5, " ", 0x10, "\n")
f:seek("set"); print(f:read("l", "n", "n")); f:close(); print(os.remove(name))
print(os.getenv("TZ"), os.rename("words.txt", "w2"), io.open("words.txt"))
io.stdout:setvbuf("full"); io.write("buffered to the end\n")
os.exit(42, true)
