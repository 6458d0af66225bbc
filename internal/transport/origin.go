package transport

import (
	"net/url"
	"slices"
	"strings"
)

// A zone is escaped as net/url reads it, which permits no other escapes.
var (
	zoneEscaper   = strings.NewReplacer("%", "%25", " ", "%20")
	zoneUnescaper = strings.NewReplacer("%25", "%", "%20", " ")
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
		host += "%25" + zoneEscaper.Replace(zone)
	}
	isIPv6 := strings.Contains(host, ":")
	if isIPv6 {
		host = "[" + host + "]"
	}
	return scheme + "://" + host + ":" + port
}

// Origins are different origins, such as those that receive credentials.
type Origins []knownOrigin

// knownOrigin is an origin, with the scheme and host that most of its URLs have.
type knownOrigin struct {
	origin string
	scheme string
	host   string // without a default port
}

// NewOrigins returns the origins of URLs, such as "https://cloud.mongodb.com". It ignores other texts.
func NewOrigins(urls []string) Origins {
	var origins Origins
	for _, text := range urls {
		if u, err := url.Parse(text); err == nil && origins.Index(u) < 0 {
			origins = append(origins, newKnownOrigin(Origin(u)))
		}
	}
	return origins
}

func newKnownOrigin(origin string) knownOrigin {
	scheme, host, _ := strings.Cut(origin, "://")
	host = strings.TrimSuffix(host, ":"+DefaultPort(scheme))
	return knownOrigin{
		origin: origin,
		scheme: scheme,
		host:   zoneUnescaper.Replace(host), // as net/url has it
	}
}

// Index returns the index of the origin of a URL, or -1 if it is not among them.
func (o Origins) Index(u *url.URL) int {
	for i := range o {
		if o[i].host == u.Host && o[i].scheme == u.Scheme {
			return i
		}
	}
	origin := Origin(u)
	return slices.IndexFunc(o, func(known knownOrigin) bool { return known.origin == origin })
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
