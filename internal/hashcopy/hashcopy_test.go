package hashcopy_test

import (
	"bytes"
	"crypto/sha1"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/hashcopy"
)

func content(n int) []byte {
	random := rand.NewChaCha8([32]byte{7})
	b := make([]byte, n)
	_, _ = random.Read(b)
	return b
}

func TestCopy_copiesAndHashes(t *testing.T) {
	t.Parallel()
	line := hashcopy.New() // one line for all: its buffers must come back
	for _, size := range []int{0, 1, 4095, 256 << 10, 256<<10 + 1, 3 << 20} {
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"plain": func(r io.Reader) io.Reader { return r }, "halves": iotest.HalfReader, "end with data": iotest.DataErrReader,
		} {
			want := content(size)
			var got bytes.Buffer
			hash := sha1.New()
			n, readErr, writeErr := line.Copy(hashcopy.Copy{Src: wrap(bytes.NewReader(want)), Hash: hash, Dst: &got})
			require.NoError(t, readErr)
			require.NoError(t, writeErr)
			assert.EqualValues(t, size, n)
			assert.True(t, bytes.Equal(want, got.Bytes()), "%s of %d", name, size)
			sum := sha1.Sum(want)
			assert.Equal(t, sum[:], hash.Sum(nil))
		}
	}
}

func TestCopy_onlyHashes(t *testing.T) {
	t.Parallel()
	want, hash := content(1<<20), sha1.New()
	n, readErr, writeErr := hashcopy.New().Copy(hashcopy.Copy{Src: bytes.NewReader(want), Hash: hash})
	require.NoError(t, readErr)
	require.NoError(t, writeErr)
	assert.EqualValues(t, len(want), n)
	sum := sha1.Sum(want)
	assert.Equal(t, sum[:], hash.Sum(nil))
}

// TestCopy_checkpoints holds every mark to what is in the destination at that moment.
func TestCopy_checkpoints(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	var last int64
	n, readErr, writeErr := hashcopy.New().Copy(hashcopy.Copy{
		Src: bytes.NewReader(content(5 << 20)), Hash: sha1.New(), Dst: &got, CheckpointEvery: 1 << 20,
		Checkpoint: func(n int64, sum []byte) error {
			assert.EqualValues(t, got.Len(), n)
			assert.GreaterOrEqual(t, n-last, int64(1<<20))
			want := sha1.Sum(got.Bytes())
			assert.Equal(t, want[:], sum)
			last = n
			return nil
		},
	})
	require.NoError(t, readErr)
	require.NoError(t, writeErr)
	assert.EqualValues(t, 5<<20, n)
	assert.EqualValues(t, 5<<20, last)
}

// TestCopy_readError keeps everything that came before it.
func TestCopy_readError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	want := content(1<<20 + 17)
	var got bytes.Buffer
	hash := sha1.New()
	n, readErr, writeErr := hashcopy.New().Copy(hashcopy.Copy{
		Src: io.MultiReader(bytes.NewReader(want), iotest.ErrReader(broken)), Hash: hash, Dst: &got,
	})
	require.ErrorIs(t, readErr, broken)
	require.NoError(t, writeErr)
	assert.EqualValues(t, len(want), n)
	assert.True(t, bytes.Equal(want, got.Bytes()))
	sum := sha1.Sum(want)
	assert.Equal(t, sum[:], hash.Sum(nil))
}

func TestCopy_readerWithoutProgress(t *testing.T) {
	t.Parallel()
	_, readErr, _ := hashcopy.New().Copy(hashcopy.Copy{Src: idle{}, Hash: sha1.New()})
	require.ErrorIs(t, readErr, io.ErrNoProgress)
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// limited takes so many bytes and then fails.
type limited struct {
	left int
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if n < len(p) {
		return n, l.err
	}
	return n, nil
}

// TestCopy_writeErrorStopsRead runs in a bubble, which fails where a goroutine
// stays behind.
func TestCopy_writeErrorStopsRead(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for name, given := range map[string]error{"error": full, "short": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				from, feed := io.Pipe()
				go func() { _, _ = feed.Write(content(1 << 20)) }() // and then nothing more
				stops := 0
				n, _, writeErr := hashcopy.New().Copy(hashcopy.Copy{
					Src: from, Hash: sha1.New(), Dst: &limited{left: 300 << 10, err: given},
					Cancel: func() { stops++; _ = from.CloseWithError(errors.New("stopped")) },
				})
				want := given
				if want == nil {
					want = io.ErrShortWrite
				}
				require.ErrorIs(t, writeErr, want)
				assert.EqualValues(t, 300<<10, n)
				assert.Equal(t, 1, stops)
			})
		})
	}
}

func TestCopy_checkpointError(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	_, readErr, writeErr := hashcopy.New().Copy(hashcopy.Copy{
		Src: bytes.NewReader(content(8 << 20)), Hash: sha1.New(), Dst: io.Discard, CheckpointEvery: 1 << 20,
		Checkpoint: func(int64, []byte) error { return full },
	})
	require.NoError(t, readErr)
	require.ErrorIs(t, writeErr, full)
}

// TestCopy_slowReader: a buffer that fills slowly is handed on before it is full.
func TestCopy_slowReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		from, feed := io.Pipe()
		var got bytes.Buffer
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, readErr, writeErr := hashcopy.New().Copy(hashcopy.Copy{Src: from, Hash: sha1.New(), Dst: &got})
			assert.NoError(t, readErr)
			assert.NoError(t, writeErr)
		}()
		for range 4 {
			_, _ = feed.Write([]byte("x"))
			time.Sleep(200 * time.Millisecond)
		}
		synctest.Wait()
		assert.GreaterOrEqual(t, got.Len(), 2)
		_ = feed.Close()
		<-done
		assert.Equal(t, "xxxx", got.String())
	})
}

// TestCopy_stagesOverlap: a reader, a hash and a writer that each take a second for a buffer
// take little more than the slowest of them together.
func TestCopy_stagesOverlap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const buffers = 20
		start := time.Now()
		_, readErr, writeErr := hashcopy.New().Copy(hashcopy.Copy{
			Src: &slowReader{left: buffers}, Hash: slowHash{sha1.New()}, Dst: slowWriter{},
		})
		require.NoError(t, readErr)
		require.NoError(t, writeErr)
		assert.LessOrEqual(t, time.Since(start), (buffers+4)*time.Second)
	})
}

type slowReader struct{ left int }

func (r *slowReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	r.left--
	time.Sleep(time.Second)
	return len(p), nil
}

type slowHash struct{ io.Writer }

func (h slowHash) Write(p []byte) (int, error) {
	time.Sleep(time.Second)
	return h.Writer.Write(p)
}
func (slowHash) Sum(b []byte) []byte { return b }
func (slowHash) Reset()              {}
func (slowHash) Size() int           { return 20 }
func (slowHash) BlockSize() int      { return 64 }

type slowWriter struct{}

func (slowWriter) Write(p []byte) (int, error) {
	time.Sleep(time.Second)
	return len(p), nil
}

// thrower panics whatever is asked of it.
type thrower struct{}

func (thrower) Read([]byte) (int, error)  { panic("mine") }
func (thrower) Write([]byte) (int, error) { panic("mine") }

// TestCopy_panics in the caller, and leaves no goroutine.
func TestCopy_panics(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*hashcopy.Copy){
		"reader": func(job *hashcopy.Copy) { job.Src = io.MultiReader(bytes.NewReader(content(3<<20)), thrower{}) },
		"writer": func(job *hashcopy.Copy) { job.Dst = thrower{} },
		"mark":   func(job *hashcopy.Copy) { job.Checkpoint = func(int64, []byte) error { panic("mine") } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				job := hashcopy.Copy{Src: bytes.NewReader(content(8 << 20)), Hash: sha1.New(), Dst: io.Discard, CheckpointEvery: 1}
				change(&job)
				assert.PanicsWithValue(t, "mine", func() { _, _, _ = hashcopy.New().Copy(job) })
			})
		})
	}
}

// wrongCount is a writer that breaks the rule of io.Writer.
type wrongCount int

func (n wrongCount) Write(p []byte) (int, error) { return len(p) + int(n), nil }

func TestCopy_invalidWriteCounts(t *testing.T) {
	t.Parallel()
	for n, says := range map[wrongCount]string{1: "more than it was given", -1000: "less than nothing", -1: "short write"} {
		written, readErr, writeErr := hashcopy.New().Copy(hashcopy.Copy{Src: bytes.NewReader(content(100)), Hash: sha1.New(), Dst: n})
		require.NoError(t, readErr)
		require.ErrorContains(t, writeErr, says)
		assert.LessOrEqual(t, written, int64(100))
	}
}

// TestCopy_writeErrorSetsHashBack to exactly what the writer has.
func TestCopy_writeErrorSetsHashBack(t *testing.T) {
	t.Parallel()
	all := content(3 << 20)
	for _, limit := range []int{0, 1, 512 << 10, 1<<20 + 17, 3<<20 - 1} {
		for _, marks := range []bool{false, true} {
			hash := sha1.New()
			_, _ = hash.Write([]byte("before"))
			job := hashcopy.Copy{Src: bytes.NewReader(all), Hash: hash, Dst: &limited{left: limit, err: io.ErrClosedPipe}}
			if marks {
				job.Checkpoint = func(int64, []byte) error { return nil }
			}
			n, _, writeErr := hashcopy.New().Copy(job)
			require.ErrorIs(t, writeErr, io.ErrClosedPipe)
			assert.EqualValues(t, limit, n)
			want := sha1.Sum(append([]byte("before"), all[:limit]...))
			assert.Equal(t, want[:], hash.Sum(nil), "%d", limit)
		}
	}
}
