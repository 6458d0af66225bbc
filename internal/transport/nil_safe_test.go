package transport_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

func TestNilSafe_incompleteResponses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		resp *http.Response
		err  error
		want string // of the error
	}{
		"neither":     {nil, nil, "the transport returned neither a response nor an error"},
		"error":       {nil, io.EOF, "EOF"},
		"both":        {&http.Response{}, io.EOF, "EOF"},
		"incomplete":  {&http.Response{StatusCode: http.StatusOK}, nil, ""},
		"with header": {&http.Response{StatusCode: http.StatusOK, Header: http.Header{"A": {"b"}}}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) { return c.resp, c.err })
			resp, err := (&transport.NilSafe{Base: base}).RoundTrip(testutil.Request(t, http.MethodGet, "http://host/", nil))
			if c.want != "" {
				require.EqualError(t, err, c.want)
				assert.Nil(t, resp)
				return
			}
			require.NoError(t, err)
			assert.NotNil(t, resp.Header)
			assert.NoError(t, resp.Body.Close())
		})
	}
}
