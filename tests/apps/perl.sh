#!/bin/bash
# perl: hashes, sorting, regular expressions and strings that grow.
. "$(dirname "$0")/common.sh"
need perl

work() {
  perl -e '
    use strict; use warnings;
    my ($state, $sum, $text, %seen) = (1, 0, "");
    srand(1);
    for my $i (1 .. 300000) {
      $state = ($state * 1103515245 + 12345) % 2147483648;
      my $key = "k" . $state % 50000;
      if ($seen{$key} && $state % 3 == 0) { delete $seen{$key} }
      else { push @{$seen{$key}}, "v$state" x ($state % 5 + 1) }
    }
    for my $key (sort keys %seen) {
      $text .= join(",", @{$seen{$key}}) . ";";
      $sum = ($sum * 31 + length $text) % 1000000007;
    }
    my $digits = () = $text =~ /[0-9]+/g;
    (my $changed = $text) =~ s/v(\d)(\d*)/$2$1/g;
    print scalar(keys %seen), " $sum $digits ", unpack("%32C*", $changed), "\n";
  '
}

compare
