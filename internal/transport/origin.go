package transport

import (
	"net/url"
	"strings"
)

// Origin returns the origin of a URL as scheme://host:port in lower case, with the default port
// of http or https if the URL has none. The zone of an IPv6 address keeps its case, because it
// names an interface, and is escaped as in a URL.
func Origin(u *url.URL) string {
	scheme := strings.ToLower(u.Scheme)
	port := u.Port()
	if port == "" {
		port = DefaultPort(scheme)
	}
	host, zone, hasZone := strings.Cut(u.Hostname(), "%")
	host = strings.ToLower(host)
	if hasZone {
		host += "%25" + strings.ReplaceAll(zone, "%", "%25")
	}
	isIPv6 := strings.Contains(host, ":")
	if isIPv6 {
		host = "[" + host + "]"
	}
	return scheme + "://" + host + ":" + port
}

// DefaultPort returns the default port of http or https, empty for other schemes.
func DefaultPort(scheme string) string {
	switch scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}

// IsHTTPURL reports whether a URL has the scheme http or https, and a host.
func IsHTTPURL(u *url.URL) bool {
	isHTTP := u.Scheme == "http" || u.Scheme == "https"
	return isHTTP && u.Host != ""
}
