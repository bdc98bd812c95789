# Perl: XS modules, a socket to itself, a sort, a fork.
use strict;
use warnings;
use Digest::SHA qw(sha1_hex);
use Encode qw(encode decode);
use List::Util qw(sum max shuffle first);
use POSIX qw(floor strftime fmod :sys_wait_h);
use Socket;
use Storable qw(freeze thaw);
use Time::HiRes qw(usleep);

print sum(1 .. 100), " ", max(3, 9, 2), " ", first { $_ > 4 } (1, 5, 7);
print "\n", floor(-2.5), " ", fmod(7, 3), " ", strftime("%Y-%m-%d", gmtime(86400 * 365)), "\n";
print sha1_hex("perl"), " ", length(encode("UTF-16", "\x{263a}ab")), "\n";
print join(",", @{ thaw(freeze([3, 1, 2])) }), " ", inet_ntoa(inet_aton("127.0.0.1")), "\n";
socketpair(my $near, my $far, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die;
my $pid = fork;
if (!$pid) { syswrite $far, "from the child\n"; POSIX::_exit(4); }
print scalar <$near>;
waitpid $pid, 0;
print "child: ", WEXITSTATUS($?), "\n";
my %count;
$count{$_}++ for map { $_ % 7 } 1 .. 1000;
print join(" ", map { "$_=$count{$_}" } sort keys %count), "\n";
eval { require No::Such::Module };
print $@ ? "no such module\n" : "?\n";
