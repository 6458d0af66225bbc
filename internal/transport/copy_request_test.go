package transport_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

func TestCopyUnsigned_header(t *testing.T) {
	t.Parallel()
	req := testutil.Request(t, http.MethodGet, "https://om.example.net/jobs", nil)
	req.Header = http.Header{"Accept": {"text"}, "Authorization": {"Digest of-a-redirect"}}
	before := req.Header.Clone()
	copied := transport.CopyUnsigned(req)
	assert.Equal(t, http.Header{"Accept": {"text"}}, copied.Header)
	copied.Header.Set("Authorization", "other")
	assert.Equal(t, before, req.Header)
	assert.Equal(t, req.URL, copied.URL)
	assert.Equal(t, req.Context(), copied.Context())
}
