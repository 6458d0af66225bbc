package download

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// existingBytes is how much of the file an earlier call has left.
const existingBytes = 8 << 20

// leaveBeginning writes the part of an earlier call, whose bytes are those of content: the beginning,
// and ranges after it.
func leaveBeginning(t *testing.T, dir string, content []byte, ranges ...[2]int64) {
	t.Helper()
	sum := sha1.Sum(content[:existingBytes])
	sidecar := Sidecar{
		Identity:   file().Identity,
		Requested:  true,
		Validators: Validators{Size: int64(len(content)), ETag: strong},
		Bytes:      existingBytes,
		SHA1:       hex.EncodeToString(sum[:]),
	}
	part := bytes.Clone(content[:existingBytes])
	for _, r := range ranges {
		sum := sha1.Sum(content[r[0]:r[1]])
		sidecar.Ranges = append(sidecar.Ranges, Range{Start: r[0], End: r[1], SHA1: hex.EncodeToString(sum[:])})
		part = append(part, make([]byte, r[0]-int64(len(part)))...)
		part = append(part, content[r[0]:r[1]]...)
	}
	text, err := sidecar.encode()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.tar.gz.part.json"), text, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.tar.gz.part"), part, 0o600))
}

// changePart changes a byte of the part.
func changePart(t *testing.T, dir string, offset int64) {
	t.Helper()
	part, err := os.OpenFile(filepath.Join(dir, "a.tar.gz.part"), os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = part.WriteAt([]byte("damaged"), offset)
	require.NoError(t, err)
	require.NoError(t, part.Close())
}

// gatedHash hashes after a gate has been opened.
type gatedHash struct {
	hash.Hash

	open <-chan struct{}
}

func (g *gatedHash) Write(p []byte) (int, error) {
	<-g.open
	return g.Hash.Write(p)
}

// signalingBody reports its end.
type signalingBody struct {
	*bytes.Reader

	ended func()
}

func (b *signalingBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if b.Len() == 0 {
		b.ended()
	}
	return n, err
}

func (*signalingBody) Close() error { return nil }

// The hash of the beginning and the transfer of the rest overlap: the hash of this test begins after
// the last byte has been sent.
func TestBeginning_hashOverlapsWithTransfer(t *testing.T) {
	t.Parallel()
	for name, connections := range map[string]int{"one connection": 1, "slow only": 4} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				content := make([]byte, rangesSize)
				root, dir := folder(t)
				leaveBeginning(t, dir, content)
				sent := make(chan struct{})
				fetcher, s := client(func(*http.Request) (*http.Response, error) {
					resp := partial(content[existingBytes:], "bytes 8388608-12582911/12582912")
					resp.Body = &signalingBody{bytes.NewReader(content[existingBytes:]), sync.OnceFunc(func() { close(sent) })}
					return resp, nil
				})
				f := file()
				f.Connections = connections
				f.SlowOnly = true
				f.ExtraRequests = -1
				tr := fetcher.newTransfer(f)
				tr.hash = &gatedHash{Hash: sha1.New(), open: sent}
				part, err := tr.fetchPart(t.Context(), root)
				require.NoError(t, err)
				defer part.Close()
				want := sha1.Sum(content)
				assert.Equal(t, hex.EncodeToString(want[:]), part.SHA1)
				assert.Len(t, s.asked, 1)
				assert.Equal(t, "bytes=8388608-", s.asked[0].Header.Get("Range"))
			})
		})
	}
}

func partial(rest []byte, contentRange string) *http.Response {
	return &http.Response{
		StatusCode:    http.StatusPartialContent,
		ProtoMajor:    1,
		Header:        http.Header{"Etag": {strong}, "Content-Range": {contentRange}},
		ContentLength: int64(len(rest)),
		Body:          io.NopCloser(bytes.NewReader(rest)),
	}
}

// A beginning that is not what its sidecar describes is fetched again, and so is the rest.
func TestBeginning_damaged(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(t *testing.T, s *rangeServer, dir string){
		"before the call": func(t *testing.T, _ *rangeServer, dir string) { changePart(t, dir, 12345) },
		"by its checksum": func(t *testing.T, s *rangeServer, dir string) {
			other := bytes.Clone(s.content)
			other[existingBytes-1]++
			leaveBeginning(t, dir, other)
			changed := filepath.Join(dir, "a.tar.gz.part")
			require.NoError(t, os.WriteFile(changed, s.content[:existingBytes], 0o600))
		},
		"meanwhile": func(t *testing.T, s *rangeServer, dir string) {
			s.handle = func(http.ResponseWriter, *http.Request, int64) bool {
				changePart(t, dir, 7<<20) // before the response, and so before the hash
				s.handle = nil
				return false
			}
		},
	} {
		for _, connections := range []int{1, 4} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newRangeServer(t)
				root, dir := folder(t)
				leaveBeginning(t, dir, s.content)
				damage(t, s, dir)
				f := s.ranged()
				f.Connections = connections
				fetcher := rangesFetcher()
				fetcher.Retry.MaxRetries = -1
				result, err := fetchAndCommit(t, fetcher, root, f)
				require.NoError(t, err)
				assert.Equal(t, s.sum(), result.SHA1)
				assert.Equal(t, string(s.content), read(t, dir, "a.tar.gz"))
				assert.Equal(t, "bytes=8388608-", s.asked[0])
				assert.Contains(t, s.asked, "", "the whole file")
			})
		}
	}
}

// A link whose requests are counted is requested after the beginning has been verified.
func TestBeginning_verifiedBeforeCountedRequest(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(f *File){
		"single use":   func(f *File) { f.SingleUse = true },
		"counted uses": func(f *File) { f.ExtraRequests = 3 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRangeServer(t)
			root, dir := folder(t)
			leaveBeginning(t, dir, s.content)
			changePart(t, dir, 5)
			f := s.ranged()
			f.Connections = 1
			change(f)
			fetcher := rangesFetcher()
			fetcher.ReuseSingleUse = true
			result, err := fetchAndCommit(t, fetcher, root, f)
			require.NoError(t, err)
			assert.Equal(t, s.sum(), result.SHA1)
			assert.Equal(t, []string{""}, s.asked)
		})
	}
}

// Whatever ends the call, the next one uses only what is verified, and fetches only the rest.
func TestBeginning_cancelled(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]bool{"whole": false, "damaged meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRangeServer(t)
			s.rate = 10 << 20
			root, dir := folder(t)
			leaveBeginning(t, dir, s.content)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s.onSent = func(total int64) {
				if total >= 2<<20 {
					cancel()
				}
			}
			_, err := rangesFetcher().Fetch(ctx, root, s.ranged())
			require.Error(t, err)
			assert.NoFileExists(t, filepath.Join(dir, "a.tar.gz"))
			var sidecar Sidecar
			require.NoError(t, json.Unmarshal([]byte(read(t, dir, "a.tar.gz.part.json")), &sidecar))
			assert.GreaterOrEqual(t, sidecar.Bytes, int64(existingBytes))
			assert.GreaterOrEqual(t, sidecar.kept(), int64(existingBytes+1<<20))
			if damage {
				changePart(t, dir, 5)
			}
			next := newRangeServer(t)
			result, err := fetchAndCommit(t, rangesFetcher(), root, next.ranged())
			require.NoError(t, err)
			assert.Equal(t, next.sum(), result.SHA1)
			if !damage {
				assert.LessOrEqual(t, next.sent.Load(), rangesSize-sidecar.kept()+1<<20)
			}
		})
	}
}

// A process that was killed can have left a range directly after the beginning.
func TestBeginning_rangeFollows(t *testing.T) {
	t.Parallel()
	const end = existingBytes + 1<<20
	for name, ranges := range map[string][][2]int64{
		"one range":          {{existingBytes, end}},
		"two ranges":         {{existingBytes, end}, {end + 1<<20, end + 2<<20}},
		"all of the rest":    {{existingBytes, rangesSize}},
		"adjacent, then gap": {{existingBytes, end}, {end, end + 1<<20}},
	} {
		for _, connections := range []int{1, 4} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newRangeServer(t)
				root, dir := folder(t)
				leaveBeginning(t, dir, s.content, ranges...)
				f := s.ranged()
				f.Connections = connections
				result, err := fetchAndCommit(t, rangesFetcher(), root, f)
				require.NoError(t, err)
				assert.Equal(t, s.sum(), result.SHA1)
				assert.Equal(t, string(s.content), read(t, dir, "a.tar.gz"))
				assert.NotContains(t, s.asked, "", "the whole file")
			})
		}
	}
}

// A slow connection is joined by others while the beginning is hashed.
func TestBeginning_slowConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &pacedLink{size: existingBytes + rangesSize, paces: []pace{{rate: 1 << 20}, {rate: 40 << 20}}}
		root, dir := folder(t)
		leaveBeginning(t, dir, make([]byte, l.size))
		f := file()
		f.Link = Link{URL: plainURL("https://example.net/a.tar.gz")}
		f.Connections = 4
		f.SlowOnly = true
		f.ExtraRequests = -1
		start := time.Now()
		fetcher := &Fetcher{Transport: l, StallTimeout: time.Minute, minLeft: 2 << 20}
		part, err := fetcher.Fetch(t.Context(), root, f)
		require.NoError(t, err)
		part.Close()
		assert.Equal(t, l.size, part.Size)
		assert.Less(t, time.Since(start), 2*time.Second)
		assert.Less(t, l.sent[0], int64(2<<20))
	})
}
