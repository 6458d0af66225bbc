package transport_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/transport"
)

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost":       true,
		"LocalHost":       true,
		"127.0.0.1":       true,
		"127.9.9.9":       true,
		"::1":             true,
		"":                false,
		"0.0.0.0":         false,
		"10.0.0.1":        false,
		"localhost.test":  false,
		"127.0.0.1.test":  false,
		"mms.example.com": false,
	} {
		assert.Equal(t, want, transport.IsLoopback(host), host)
	}
}
