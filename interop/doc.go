// Package interop lets the library talk to real web servers with digest authentication:
// Debian's Apache and lighttpd. Its tests stand behind the build tag interop and need the
// servers that the script run starts.
package interop
