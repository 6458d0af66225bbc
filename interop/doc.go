// Package interop tests the library against other web servers with digest authentication:
// Debian's Apache and lighttpd. Its tests have the build tag interop and need the servers that
// the script run starts.
package interop
