package main

import (
	"bytes"
	"io"
	"net/http"
	"path"
	"strings"
)

// offline is the API as a round tripper, without a network and with little work, so that only the
// client is measured. It requires digest authentication, accepts any signature, and allows 64 uses
// of a nonce.
type offline struct {
	total   int  // jobs
	chunked bool // responses have no Content-Length
	open    bool // accepts requests without a signature
	job     [2][]byte
	page    [2][]byte // the one of 500
}

const (
	offlineBase = "https://bench.example.net"
	pageSize    = 500
	usedUp      = "nc=00000041" // 65, one more than a nonce allows
)

// newOffline returns a round tripper whose lists have total jobs. For a total of 500, the page is
// encoded in advance.
func newOffline(total int) *offline {
	o := &offline{total: total}
	for _, g := range []generation{classic, atlasV2} {
		o.job[g] = appendJob(nil, g, 0)
		if total == pageSize {
			o.page[g] = newPage(g, 1, pageSize, total).bytes()
		}
	}
	return o
}

var (
	jsonType   = []string{"application/json"}
	dates      = []string{"Sat, 01 Mar 2025 04:00:00 GMT"}
	challenges = []string{challengeText("f2d1c0b9a8f7e6d5", false)}
)

// RoundTrip implements [http.RoundTripper].
func (o *offline) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": jsonType, "Date": dates}
	signed := r.Header.Get("Authorization")
	if !o.open && signed == "" || strings.Contains(signed, usedUp) {
		header["Www-Authenticate"] = challenges
		return o.response(r, http.StatusUnauthorized, header, strings.NewReader(denied), int64(len(denied))), nil
	}
	g := generationOf(r.URL.Path)
	if path.Base(r.URL.Path) != "restoreJobs" {
		return o.response(r, http.StatusOK, header, bytes.NewReader(o.job[g]), int64(len(o.job[g]))), nil
	}
	if body := o.page[g]; body != nil {
		return o.response(r, http.StatusOK, header, bytes.NewReader(body), int64(len(body))), nil
	}
	number, size := pageOf(r.URL)
	p := newPage(g, number, size, o.total)
	return o.response(r, http.StatusOK, header, p, p.length), nil
}

func (o *offline) response(r *http.Request, status int, header http.Header, body io.Reader, length int64) *http.Response {
	if o.chunked {
		length = -1
	}
	return &http.Response{
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(body),
		ContentLength: length,
		Request:       r,
	}
}
