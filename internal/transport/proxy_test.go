package transport_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

func TestTrack_proxyResponses(t *testing.T) {
	t.Parallel()
	check := transport.Track(transport.New(nil)).OnProxyConnectResponse
	for status, want := range map[int]struct {
		text      string
		permanent bool
	}{
		http.StatusOK:                {"", false},
		http.StatusBadGateway:        {"502 from the proxy, which refuses the connection", false},
		http.StatusProxyAuthRequired: {"407 from the proxy: " + transport.ProxyAuthHint, true},
	} {
		resp := testutil.Response(status, "")
		require.NoError(t, resp.Body.Close())
		err := check(t.Context(), nil, nil, resp)
		if want.text == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, want.text)
		assert.True(t, transport.IsNotSent(err))
		assert.Equal(t, want.permanent, transport.IsPermanent(err))
	}
}
