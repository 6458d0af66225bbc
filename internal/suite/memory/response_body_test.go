package memory_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// pieces is a body of n bytes of JSON white space that costs no memory of its own.
type pieces struct {
	left int64
}

var blanks = strings.Repeat(" ", 32<<10)

func (p *pieces) Read(into []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	n := copy(into, blanks[:min(int64(len(blanks)), p.left)])
	p.left -= int64(n)
	return n, nil
}

// heapOfResponse is what the heap grows by while a response is read. The collector is off, so that
// garbage counts too.
func heapOfResponse(t *testing.T, size, announced int64, status int) (int64, error) {
	t.Helper()
	client := clientFor(t, func(*http.Request) (int, io.Reader, int64) {
		return status, &pieces{left: size}, announced
	})
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	before := heap() // which also clears the pool of buffers
	err := client.Do(t.Context(), http.MethodGet, "/api/public/v1.0/x", nil, nil)
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	return int64(after.HeapAlloc) - before, err
}

// TestDo_heapOfLargeResponses: with its length announced, a response takes at most one and a half
// times its size, garbage included. Without, it takes at most one and a half times the limit, and
// less where it is small.
//
//nolint:paralleltest // measures the whole process
func TestDo_heapOfLargeResponses(t *testing.T) {
	testutil.SkipUnderRace(t)
	const (
		limit = int64(64 << 20)
		spare = int64(1 << 20) // for the call itself
	)
	for _, size := range []int64{1 << 20, 3 << 20, 5 << 20, 16 << 20, 17 << 20, 24 << 20, 33 << 20, 48 << 20, limit - 1, limit} {
		t.Run(strconv.FormatInt(size>>20, 10)+" MiB announced", func(t *testing.T) {
			used, err := heapOfResponse(t, size, size, http.StatusOK)
			require.NoError(t, err)
			t.Logf("%d KiB for %d KiB", used>>10, size>>10)
			assert.LessOrEqual(t, used, size*3/2+spare)
		})
		t.Run(strconv.FormatInt(size>>20, 10)+" MiB not announced", func(t *testing.T) {
			used, err := heapOfResponse(t, size, -1, http.StatusOK)
			require.NoError(t, err)
			t.Logf("%d KiB for %d KiB", used>>10, size>>10)
			most := limit * 3 / 2
			if size <= limit/2 {
				most = size * 9 / 4
			}
			assert.LessOrEqual(t, used, most+spare)
		})
	}
	for name, announced := range map[string]int64{"announced": limit + 1, "not announced": -1} {
		t.Run("too large, "+name, func(t *testing.T) {
			used, err := heapOfResponse(t, limit+1, announced, http.StatusOK)
			require.ErrorContains(t, err, "the body is larger than the limit")
			t.Logf("%d KiB", used>>10)
			assert.LessOrEqual(t, used, limit*3/2+4*spare)
		})
	}
	t.Run("compressed", func(t *testing.T) {
		server := testutil.NewServer(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", clienttest.JSONType)
			w.Header().Set("Content-Encoding", "gzip")
			zip := gzip.NewWriter(w)
			_, _ = io.Copy(zip, &pieces{left: limit}) // the client is gone where it fails
			_ = zip.Close()
		})
		client := clienttest.ForServer(t, server)
		defer debug.SetGCPercent(debug.SetGCPercent(-1))
		unused := heap()
		require.NoError(t, client.Do(t.Context(), http.MethodGet, "/api/public/v1.0/x", nil, nil))
		var after runtime.MemStats
		runtime.ReadMemStats(&after)
		assert.LessOrEqual(t, int64(after.HeapAlloc)-unused, limit*3/2+4*spare)
	})
	t.Run("an error", func(t *testing.T) {
		used, err := heapOfResponse(t, 1<<40, -1, http.StatusNotFound)
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		assert.LessOrEqual(t, used, 8*spare)
	})
}
