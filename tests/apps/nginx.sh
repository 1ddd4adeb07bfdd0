#!/bin/bash
# nginx: a master and two workers serve pages as they are, compressed, put together from parts and through a
# proxy, to wrk and curl; new workers take over while they do.
. "$(dirname "$0")/common.sh"
need nginx wrk curl

free_port() {
  "$python" -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'
}

write_site() {
  mkdir -p site/list
  seq 1 15000 >site/plain
  touch site/list/file{1..200}
  for i in {1..40}; do echo "<p>$i</p><!--# include virtual=\"/plain\" -->"; done >site/parts.html
  cat >nginx.conf <<CONF
daemon off; worker_processes 2; pid $PWD/pid; error_log stderr warn;
events { worker_connections 256; }
http {
  access_log off; gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any; keepalive_requests 50;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {
    listen 127.0.0.1:$port; root $PWD/site; ssi on;
    location /list/ { autoindex on; autoindex_format json; }
    location /proxy/ { proxy_pass http://127.0.0.1:$port/; }
  }
}
CONF
}

get() { curl -sS --fail --max-time 60 "http://127.0.0.1:$port/$1" "${@:2}"; }
is_up() { get plain -o /dev/null 2>/dev/null; }
workers() { tr ' ' '\n' <"/proc/$server/task/$server/children" | grep . | sort; }
are_replaced() { [ "$(comm -12 "$1" <(workers))" = "" ]; }

pages() {
  for page in plain parts.html proxy/parts.html; do
    echo "$page $(get "$page" | cksum) $(get "$page" --compressed | cksum)"
  done
  get list/ | grep -o '"file[0-9]*"' | cksum
}

work() {
  port=$(free_port)
  write_site
  nginx -p "$PWD" -c nginx.conf &
  server=$!
  wait_until is_up
  pages
  for page in plain proxy/plain; do
    wrk -t1 -c16 -d1s -H 'Accept-Encoding: gzip' "http://127.0.0.1:$port/$page" >load
    if grep -E 'Socket errors|Non-2xx' load >&2; then return 1; fi
  done
  workers >before
  wrk -t1 -c16 -d1s -H 'Accept-Encoding: gzip' "http://127.0.0.1:$port/parts.html" >load &
  load_pid=$!
  kill -HUP "$server"
  wait "$load_pid"
  if grep Non-2xx load >&2; then return 1; fi
  wait_until are_replaced before
  pages
  kill "$server"
  wait "$server"
}

compare
