package main

import (
	"cmp"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// archive is a file that a server on loopback generates, and a folder for its downloads.
type archive struct {
	size   int64
	folder string // for downloads
	piece  []byte // repeated in the file
	source string // a file with the piece, for a server
	sum    string
	wrap   func(http.Handler) http.Handler // of the links, may be nil
	base   string
	http   *http.Server

	stallAt   atomic.Int64 // the first response ends its progress here, if positive
	stalled   chan struct{}
	requested atomic.Int64 // when a link was first requested, in ns; see forgetRequests
}

const archiveName = "archive.tar.gz"

// newArchive makes an archive whose files are served through wrap, unless that is nil. Its folder
// is a new one in parent; empty is the system's.
func newArchive(size int64, parent string, wrap func(http.Handler) http.Handler) (_ *archive, err error) {
	a := newPieces(size)
	a.wrap = wrap
	if a.folder, err = os.MkdirTemp(parent, "bench"); err != nil {
		return nil, err
	}
	if err := a.start(); err != nil {
		return nil, errors.Join(err, a.remove())
	}
	return a, nil
}

// newPieces makes an archive without a server.
func newPieces(size int64) *archive {
	const pieceSize = 1 << 20
	a := &archive{
		size:    size,
		piece:   make([]byte, pieceSize),
		stalled: make(chan struct{}, 1),
	}
	for i := range a.piece {
		a.piece[i] = byte(i * i >> 7)
	}
	a.sum = a.hash(size)
	return a
}

// hash is the SHA-1 of the first bytes of the archive.
func (a *archive) hash(size int64) string {
	hash := sha1.New()
	for rest := size; rest > 0; rest -= int64(len(a.piece)) {
		_, _ = hash.Write(a.piece[:min(rest, int64(len(a.piece)))]) // never fails
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func (a *archive) start() error {
	source, err := os.CreateTemp("", "piece")
	if err != nil {
		return err
	}
	a.source = source.Name()
	_, err = source.Write(a.piece)
	if err = errors.Join(err, source.Close()); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	a.base = "http://" + listener.Addr().String()
	routes := http.NewServeMux()
	routes.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"id":%q,"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":%q},`+
			`"hashes":[{"typeName":"SHA1","fileName":%q,"hash":%q}]}`, jobID(0), a.url(), archiveName, a.sum)
	})
	var file http.Handler = http.HandlerFunc(a.serve)
	if a.wrap != nil {
		file = a.wrap(file)
	}
	routes.Handle("/key/", file)
	a.http = &http.Server{Handler: routes, ReadHeaderTimeout: time.Minute}
	go a.http.Serve(listener) //nolint:errcheck // ends with remove
	return nil
}

// serve responds with the whole file or with one range of it. The system sends the piece from its file
// (sendfile), as a server of large files does: the client has the processor for itself.
func (a *archive) serve(w http.ResponseWriter, r *http.Request) {
	a.requested.CompareAndSwap(0, time.Now().UnixNano())
	header := w.Header()
	header.Set("Content-Type", "application/gzip")
	header.Set("ETag", `"1"`)
	header.Set("Accept-Ranges", "bytes")
	first, end, isRange := parseRange(r.Header.Get("Range"), a.size)
	header.Set("Content-Length", strconv.FormatInt(end-first, 10))
	if isRange {
		header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, end-1, a.size))
		w.WriteHeader(http.StatusPartialContent)
	}
	if r.Method == http.MethodHead {
		return
	}
	source, err := os.Open(a.source)
	if err != nil {
		return // the response is incomplete
	}
	defer source.Close() //nolint:errcheck // only read
	stall := a.stallAt.Swap(0)
	for at := first; at < end; {
		if stall > 0 && at >= stall {
			a.stalled <- struct{}{}
			<-r.Context().Done()
			return
		}
		from, err := source.Seek(at%int64(len(a.piece)), io.SeekStart)
		if err != nil {
			return
		}
		n, err := io.CopyN(w, source, min(int64(len(a.piece))-from, end-at))
		if err != nil {
			return
		}
		at += n
	}
}

// parseRange returns the bytes of a header with one range, or those of the whole file.
func parseRange(header string, size int64) (first, end int64, isRange bool) {
	text, ok := strings.CutPrefix(header, "bytes=")
	from, to, found := strings.Cut(text, "-")
	first, err := strconv.ParseInt(from, 10, 64)
	if !ok || !found || err != nil || first >= size {
		return 0, size, false
	}
	last, err := strconv.ParseInt(to, 10, 64)
	if err != nil || last >= size {
		last = size - 1
	}
	return first, last + 1, true
}

func (a *archive) remove() error {
	if a.http != nil {
		_ = a.http.Close()
	}
	if a.source != "" {
		_ = os.Remove(a.source)
	}
	return os.RemoveAll(a.folder)
}

// empty removes all files of the folder.
func (a *archive) empty() error {
	files, err := filepath.Glob(filepath.Join(a.folder, "*"))
	for _, file := range files {
		err = cmp.Or(err, os.Remove(file))
	}
	return err
}

func (a *archive) url() string     { return a.base + "/key/" + archiveName }
func (a *archive) fetched() string { return filepath.Join(a.folder, archiveName) }

// checked verifies that a way downloaded the whole file and calculated its SHA-1.
func (a *archive) checked(sum string) error {
	info, err := os.Stat(a.fetched())
	if err != nil {
		return err
	}
	if info.Size() != a.size || sum != a.sum {
		return fmt.Errorf("%d bytes with SHA-1 %s", info.Size(), sum)
	}
	return nil
}

// request requests a range of the file, without the end.
func (a *archive) request(ctx context.Context, first, end int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url(), nil)
	if err != nil {
		return nil, err
	}
	if first > 0 || end < a.size {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", first, end-1))
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		_ = resp.Body.Close()
		return nil, errors.New(resp.Status)
	}
	return resp, nil
}
