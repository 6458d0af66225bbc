package restorejobs

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// modelTransport answers in process.
type modelTransport func(*http.Request) *http.Response

func (f modelTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response := f(request)
	response.Request = request
	if request.Body != nil {
		_ = request.Body.Close()
	}
	return response, nil
}

// modelClient speaks to f, and asks once.
func modelClient(t testing.TB, f modelTransport, opts ...Option) *Client {
	t.Helper()
	client, err := NewClient(APIKey("public", "private"), append([]Option{
		WithBaseURL("https://api.example.com"), WithTransport(f), WithRetry(RetryPolicy{MaxRetries: -1}),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// modelAnswer answers everything with one body.
func modelAnswer(status int, body []byte, header ...string) modelTransport {
	return func(*http.Request) *http.Response {
		response := &http.Response{
			StatusCode: status, Status: fmt.Sprint(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: -1,
			Body: io.NopCloser(bytes.NewReader(body)),
		}
		for i := 0; i+1 < len(header); i += 2 {
			response.Header.Set(header[i], header[i+1])
		}
		return response
	}
}

// wrapped puts a document in a wrapper: %s stands for it.
func wrapped(format string, document []byte) []byte {
	return []byte(strings.Replace(format, "%s", string(bytes.TrimSpace(document)), 1))
}
