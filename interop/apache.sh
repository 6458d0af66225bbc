# Sourced by run: Apache with mod_auth_digest, which knows MD5 only.

identity=
if [ "$(id -u)" = 0 ]; then
  identity=$'User www-data\nGroup www-data'
fi

digest_host() { # name, then the directives of mod_auth_digest
  serve "$1"
  shift
  cat >>"$dir/apache.conf" <<CONF
Listen 127.0.0.1:$port
<VirtualHost 127.0.0.1:$port>
  ScriptAlias /api $dir/api.cgi
  <Location /api>
    AuthType Digest
    AuthName "$realm"
    AuthDigestProvider file
    AuthUserFile $dir/users-md5
    AuthDigestAlgorithm MD5
    $(printf '%s\n    ' "$@")
    Require valid-user
  </Location>
</VirtualHost>
CONF
}

cat >"$dir/apache.conf" <<CONF
ServerRoot $dir
DefaultRuntimeDir $dir
PidFile $dir/apache.pid
ServerName localhost
ErrorLog $dir/apache.err
LogLevel warn
$identity
LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
LoadModule authn_core_module $modules/mod_authn_core.so
LoadModule authn_file_module $modules/mod_authn_file.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule authz_user_module $modules/mod_authz_user.so
LoadModule auth_digest_module $modules/mod_auth_digest.so
LoadModule alias_module $modules/mod_alias.so
LoadModule cgi_module $modules/mod_cgi.so
StartServers 8
MinSpareServers 8
KeepAlive On
MaxKeepAliveRequests 0
# Keeps the clients of one-time nonces and nonce counts; the default has room for few.
AuthDigestShmemSize 1M
LogFormat "%{User-Agent}i\t%m\t%U%q\t%>s\t%{WWW-Authenticate}o" interop
CustomLog $dir/apache.log interop
<Directory $dir>
  Require all granted
</Directory>
CONF

digest_host apache 'AuthDigestNonceLifetime 300'
digest_host apache-short 'AuthDigestNonceLifetime 2'
digest_host apache-once 'AuthDigestNonceLifetime 0'
digest_host apache-count 'AuthDigestNcCheck On'

# Apache ends its whole process group when it stops, so it runs in a separate one.
setsid apache2 -f "$dir/apache.conf" -DFOREGROUND 2>"$dir/apache-start.err" &
pids+=($!)
