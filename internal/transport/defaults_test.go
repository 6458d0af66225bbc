package transport_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

func TestNewForDownloads_settings(t *testing.T) {
	t.Parallel()
	header := http.Header{"Proxy-Authorization": {"Basic x"}}
	caller := &http.Transport{
		Proxy:              http.ProxyURL(testutil.ParseURL(t, "http://proxy.example.net")),
		ProxyConnectHeader: header,
		MaxIdleConns:       7,
	}
	for name, callerTransport := range map[string]*http.Transport{"caller's": caller, "default": nil} {
		base := transport.NewForDownloads(nil, callerTransport)
		assert.Equal(t, callerTransport != nil, base.ProxyConnectHeader.Get("Proxy-Authorization") == "Basic x", name)
		assert.Zero(t, base.MaxIdleConns, name)
		assert.True(t, base.DisableKeepAlives, name)
		assert.True(t, base.DisableCompression, name)
		assert.False(t, base.ForceAttemptHTTP2, name)
		assert.NotNil(t, base.TLSNextProto, name)
		assert.Zero(t, base.ResponseHeaderTimeout, name)
	}
}
