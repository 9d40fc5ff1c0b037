# The smallest application: answers on PORT within a few milliseconds of its start, without a module.
socket(my $server, 2, 1, 0) or die;
setsockopt($server, 1, 2, pack('i', 1));
bind($server, pack('S n C4 x8', 2, $ENV{PORT}, 127, 0, 0, 1)) or die;
listen($server, 128) or die;
while (accept(my $client, $server)) {
  syswrite($client, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  close($client);
}
