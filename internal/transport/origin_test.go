package transport_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

func TestOrigin_spellings(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://cloud.mongodb.com":          "https://cloud.mongodb.com:443",
		"https://cloud.mongodb.com/api":      "https://cloud.mongodb.com:443",
		"HTTPS://Cloud.MongoDB.com:443":      "https://cloud.mongodb.com:443",
		"HTTPS://Cloud.MongoDB.com:443/x":    "https://cloud.mongodb.com:443",
		"http://om.example.net":              "http://om.example.net:80",
		"http://om.example.net:":             "http://om.example.net:80",
		"http://u:p@om.example.net:808":      "http://om.example.net:808",
		"http://host":                        "http://host:80",
		"http://host.":                       "http://host.:80",
		"http://HOST.:8080":                  "http://host.:8080",
		"http://127.0.0.1:8080":              "http://127.0.0.1:8080",
		"http://[::1]":                       "http://[::1]:80",
		"https://[2001:DB8::1]/":             "https://[2001:db8::1]:443",
		"https://[::1]:8443/":                "https://[::1]:8443",
		"https://[FE80::1]":                  "https://[fe80::1]:443",
		"https://[fe80::1]:8443":             "https://[fe80::1]:8443",
		"http://[fe80::1%25eth0]":            "http://[fe80::1%25eth0]:80",
		"http://[FE80::1%25Eth0]:8080":       "http://[fe80::1%25Eth0]:8080",
		"https://[fe80::1%25en0%2520x]:8443": "https://[fe80::1%25en0%2520x]:8443",
		"http://[fe80::1%25Ethernet%202]":    "http://[fe80::1%25Ethernet%202]:80",
	} {
		origin := transport.Origin(testutil.ParseURL(t, address))
		assert.Equal(t, want, origin)
		assert.Equal(t, origin, transport.Origin(testutil.ParseURL(t, origin)), "an origin is a URL of itself")
	}
}

func TestOrigins_spellings(t *testing.T) {
	t.Parallel()
	origins := transport.NewOrigins([]string{
		"https://cloud.mongodb.com",
		":not a URL",
		"http://OM.example.net:8080/prefix",
		"https://cloud.mongodb.com:443",
		"http://[fe80::1%25eth0]",
		"http://[fe80::1%25Ethernet%202]",
	})
	assert.Len(t, origins, 4)
	for address, want := range map[string]int{
		"https://cloud.mongodb.com/api":     0,
		"HTTPS://Cloud.MongoDB.com:443":     0,
		"http://cloud.mongodb.com":          -1,
		"https://cloud.mongodb.com:8443":    -1,
		"http://om.example.net:8080":        1,
		"http://om.example.net":             -1,
		"http://[fe80::1%25eth0]/x":         2,
		"http://[FE80::1%25eth0]:80":        2,
		"http://[fe80::1%25ETH0]":           -1,
		"http://[fe80::1%25Ethernet%202]/x": 3,
		"http://[FE80::1%25Ethernet%202]":   3,
		"http://[fe80::1%25Ethernet%25202]": -1,
		"https://cloud.mongodb.com.evil.io": -1,
	} {
		assert.Equal(t, want, origins.Index(testutil.ParseURL(t, address)), address)
	}
}

func TestDefaultPort_schemes(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "80", transport.DefaultPort("http"))
	assert.Equal(t, "443", transport.DefaultPort("https"))
	assert.Empty(t, transport.DefaultPort("ftp"))
}

func TestIsHTTPURL_schemes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"http://host": true, "https://host/a": true, "ftp://host": false, "file:///etc/passwd": false,
		"http:///a": false, "host/a": false, "": false,
	} {
		assert.Equal(t, want, transport.IsHTTPURL(testutil.ParseURL(t, text)), text)
	}
}
