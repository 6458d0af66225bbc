package restorejobs_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// TestMemoryIsBounded measures what answers without measure cost: a few times the limit,
// however much is sent.
//
//nolint:paralleltest // measures the whole process
func TestMemoryIsBounded(t *testing.T) {
	const limit = 1 << 20
	bomb := string(zipped(`{"id":"` + strings.Repeat("a", 16<<20) + `"}`))
	huge := func(w http.ResponseWriter, r *http.Request) { // a terabyte, of which nothing comes
		rawBytes("HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n{")(w, r)
	}
	for _, test := range []struct {
		name  string
		serve http.HandlerFunc
		limit int64
		most  uint64
	}{
		{"endless", endless, limit, 24 * limit},
		{"a gzip bomb", encoded("gzip", bomb), limit, 24 * limit},
		{"an endless error", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotFound); endless(w, r) }, limit, 24 * limit},
		{"a gzip bomb as an error", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, bomb)
		}, limit, 24 * limit},
		{"an endless challenge", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth"`)
			w.WriteHeader(http.StatusUnauthorized)
			endless(w, r)
		}, limit, 24 * limit},
		{"a length that is a lie", huge, 1 << 42, 24 * limit},
		{"deep nesting", answerWith(http.StatusOK, jsonType, strings.Repeat("[", 1<<20)), 2 * limit, 24 * limit},
		{"a list of nothings", answerWith(http.StatusOK, jsonType, `{"results":[`+strings.Repeat("{},", 1<<18)+`{}]}`), limit, 24 * limit},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := newFake(t, test.serve)
			client := newTestClient(t, restorejobs.APIKey("public", "private"), restorejobs.WithBaseURL(server.URL),
				restorejobs.WithMaxResponseBytes(test.limit), restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := getOne(soon(t), client)
			runtime.ReadMemStats(&after)
			require.Error(t, err)
			used := after.TotalAlloc - before.TotalAlloc
			t.Logf("%d KiB allocated, server and all: %v", used>>10, err)
			assert.Less(t, used, test.most)
		})
	}
}
