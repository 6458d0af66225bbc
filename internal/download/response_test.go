package download

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestIsArchive(t *testing.T) {
	t.Parallel()
	const plainTar, zipped = "a.tar", "a.tar.GZ"
	for _, c := range []struct {
		name, kind, encoding string
		want                 bool
	}{
		{plainTar, "", "", true},
		{plainTar, "application/x-tar", "identity", true},
		{plainTar, "text/plain", "", true},
		{zipped, "application/gzip", "gzip", true},
		{zipped, "application/gzip", "X-GZIP", true},
		{plainTar, "application/x-tar", "gzip", false},
		{zipped, "application/gzip", "br", false},
		{zipped, "text/html", "", false},
		{zipped, " Text/HTML ; charset=utf-8", "", false},
		{zipped, "text/html;;=", "", false},
		{zipped, "application/json", "", false},
		{zipped, "application/vnd.atlas.2025-03-12+json", "", false},
		{zipped, "text/xml", "", false},
		{zipped, "application/xml", "", false},
		{zipped, "application/xhtml+xml", "", false},
	} {
		header := http.Header{"Content-Type": {c.kind}, "Content-Encoding": {c.encoding}}
		assert.Equal(t, c.want, isArchive(&http.Response{Header: header}, c.name), "%+v", c)
		assert.False(t, isArchive(&http.Response{Header: header, Uncompressed: true}, c.name), "%+v", c)
	}
}
