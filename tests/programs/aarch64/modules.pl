# Extension modules, a child, exceptions.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Encode;
use List::Util qw(sum reduce);
use POSIX qw(floor strftime);
use Storable qw(freeze thaw);
use Time::HiRes qw(time);

print sum(1 .. 100), " ", reduce { $a * $b } 1 .. 10;
print "\n", sha256_hex("perl"), "\n";
print length(encode("UTF-16", "gr\x{fc}n")), " ", floor(-1.5), " ", strftime("%Y", gmtime 0), "\n";
print join(",", @{thaw(freeze([1, 2, 3]))}), " ", time > 0, "\n";
my $child = fork;
exit 5 unless $child;
waitpid $child, 0;
print "child: ", $? >> 8, "\n";
eval { die { code => 4 } };
print "caught $@->{code}\n";
eval "use No::Such::Module; 1" or print "no module\n";
