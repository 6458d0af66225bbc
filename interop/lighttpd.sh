# Sourced by run: lighttpd with mod_auth, which knows MD5 and SHA-256.

digest_socket() { # name, algorithms
  serve "$1"
  cat >>"$dir/lighttpd.conf" <<CONF
\$SERVER["socket"] == "127.0.0.1:$port" {
  auth.require = ("/api" => (
    "method" => "digest", "algorithm" => "$2", "realm" => "$realm", "require" => "valid-user"
  ))
}
CONF
}

free_port # for the socket outside the conditions, which serves nothing
cat >"$dir/lighttpd.conf" <<CONF
server.modules = ("mod_auth", "mod_authn_file", "mod_alias", "mod_cgi", "mod_accesslog")
server.document-root = "$dir/data"
server.bind = "127.0.0.1"
server.port = $port
server.pid-file = "$dir/lighttpd.pid"
server.errorlog = "$dir/lighttpd.err"
accesslog.filename = "|cat >>$dir/lighttpd.log"
accesslog.format = "%{User-Agent}i\t%m\t%U%q\t%>s\t%{WWW-Authenticate}o"
alias.url = ("/api" => "$dir/api.cgi")
cgi.assign = ("api.cgi" => "")
auth.backend = "htdigest"
auth.backend.htdigest.userfile = "$dir/users"
CONF

digest_socket lighttpd-md5 'MD5'
digest_socket lighttpd-sha256 'SHA-256'
digest_socket lighttpd-both 'SHA-256|MD5'

setsid lighttpd -D -f "$dir/lighttpd.conf" 2>"$dir/lighttpd-start.err" &
pids+=($!)
