# watch.sh: has programs that watch others watch one, each below a line "== NAME". Addresses and numbers of processes are
# left out; so is what differs from run to run.
cd "$(dirname "$0")"
exec 2>&1
gcc -g -fPIC -shared -o libwork.so work.c -Wl,-z,lazy
gcc -g -o prog main.c -L. -lwork -Wl,-rpath,"$PWD",-z,lazy
gcc -g -fno-pie -no-pie -o fixed main.c -L. -lwork -Wl,-rpath,"$PWD",-z,lazy
gcc -g -pg -o counted main.c work.c
gcc -o unwound unwound.c -lunwind
for sanitizer in thread address undefined; do gcc -g -fsanitize=$sanitizer -o "with-$sanitizer" main.c work.c; done

# of LIMIT COMMAND...: its output, or that it took too long.
of() {
	timeout "$@" </dev/null 2>&1 | sed -E 's/0x[0-9a-fA-F]+/ADDRESS/g; s/==[0-9]+==/==/; s/\b(pid|PID|LWP|TID|Process|Thread|tid =) [0-9.]+/\1/g'
}

# libc6-dbg, which valgrind and gdb need for libc, has ld.so's as well.
without_debug_files() {
	sed 's/Yes (\*)/Yes    /' | grep -vE '^\(\*\)|from target:.*/ld-linux|^Reading .*\.debug'
}

echo "== ltrace"
of 100 ltrace -e malloc+work+atoi -f ./fixed
of 100 ltrace -l "$PWD/libwork.so" ./prog
echo "== uftrace"
for program in ./counted ./prog; do
	of 100 uftrace record --no-event --force -d trace "$program"
	of 100 uftrace report --no-pager -d trace -f call -s func
	rm -rf trace
done
echo "== strace"
of 100 strace -f -k -e trace=pause,write ./prog | sed 's/+ADDRESS//; s/\[ADDRESS\]//'

./prog wait >/dev/null &
process=$!
sleep 3
echo "== pldd"
of 100 pldd $process | sed "s/^$process//"
echo "== elfutils"
of 100 eu-stack -p $process
of 100 eu-unstrip -n -p $process | awk '{ print $3, $5 }' | sort
echo "== gcore"
of 100 gcore -o core $process >/dev/null
of 100 gdb -nx -batch -ex 'info sharedlibrary' -ex bt -ex 'print own' prog core.$process | without_debug_files
of 100 eu-stack --core core.$process
of 100 eu-unstrip -n --core core.$process | awk '{ print $3, $5 }' | sort
kill $process
rm -f core.$process

echo "== gdbserver"
of 100 gdb -nx -batch -ex 'target remote | gdbserver --once - ./prog' -ex 'break work' -ex continue -ex bt -ex 'print own' \
	-ex 'info sharedlibrary' -ex 'delete' -ex 'break close_library' -ex continue -ex 'info sharedlibrary' -ex kill ./prog |
	without_debug_files
echo "== lldb"
of 200 lldb -b -o 'breakpoint set -n work' -o run -o 'image list' -o bt -o 'breakpoint delete -f' -o continue ./prog |
	sed -E 's/^\[ *[0-9]+\] *[0-9A-F-]+//' | grep -vE '/usr/lib/debug|^Process'
for sanitizer in thread address undefined; do
	echo "== -fsanitize=$sanitizer"
	of 100 ./with-$sanitizer
done
echo "== preloaded"
for library in libjemalloc.so.2 libtcmalloc_minimal.so.4; do LD_PRELOAD=$library ./prog; done
of 100 faketime 2001-01-01 ./prog
of 100 fakeroot id -u
of 100 eatmydata ./prog
echo "== heaptrack"
of 100 heaptrack -o heap ./prog | grep -v allocations: # ld.so's own are among them
echo "== libunwind"
./unwound
for tool in memcheck helgrind massif callgrind; do
	echo "== $tool"
	of 200 valgrind --tool=$tool ./prog | grep -vE 'Collected|refs:|total heap usage|Command'
done
