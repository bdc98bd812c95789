# Breakpoints in libraries before and after these are there, steps into functions that are not bound yet,
# events of libraries, thread-local variables, a watchpoint.  A command a line; one that fails does not end it.
set pagination off
set confirm off
set breakpoint pending on
set debuginfod enabled off
set startup-with-shell off
set auto-load safe-path /
set print address off
set can-use-hw-watchpoints 0
break early_begin
break main
break later_callback
info breakpoints
run
backtrace
print early_mark
continue
info sharedlibrary
# The first call of early_step goes through the lazy resolver, the second does not.
step
backtrace
print early_mark
finish
next
# By single steps, through the lazy resolver as well.
watch total
continue
delete 4
# The library is there, and the thread is not yet.
catch load
catch unload
continue
info sharedlibrary
backtrace
delete 5
continue
# In the thread, in a library that has been opened.
backtrace
info threads
print early_mark
print later_mark
info symbol later_callback
up
info locals
finish
thread 1
print early_mark
thread 2
continue
backtrace
info sharedlibrary
delete 6
# The library once more, at another time.
continue
up
print later_mark
delete
continue
