set pagination off
set confirm off
set startup-with-shell off
set debuginfod enabled off
set disable-randomization on
break deepest if depth == 0
run
backtrace
print x
info sharedlibrary
finish
continue
