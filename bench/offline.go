package main

import (
	"bytes"
	"io"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
)

// offline is the API as a round tripper, without a network and with little work, so that only the
// client is measured. It requires digest authentication, accepts any signature, and allows 64 uses
// of a nonce.
type offline struct {
	total  int // jobs
	body   bodySize
	open   bool // accepts requests without a signature
	polled bool // classic lists are of running jobs until runs is 0, then of ended ones
	runs   atomic.Int64
	jobs   [2][shapes][]byte
	page   [2][]byte // the one of 500
}

const (
	offlineBase = "https://bench.example.net"
	pageSize    = 500
	usedUp      = "nc=00000041" // 65, one more than a nonce allows
)

// newOffline returns a round tripper whose lists have total jobs. For a total of 500, the page is
// encoded in advance.
func newOffline(total int, body bodySize) *offline {
	o := &offline{total: total, body: body}
	for _, g := range both {
		for i := range shapes {
			o.jobs[g][i] = appendJob(nil, g, body, i)
		}
		if total == pageSize {
			o.page[g] = newPage(g, body, 1, pageSize, total).bytes()
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
	if last := path.Base(r.URL.Path); last != "restoreJobs" {
		job := o.jobs[g][jobNumber(last)%shapes]
		return o.response(r, http.StatusOK, header, bytes.NewReader(job), int64(len(job))), nil
	}
	if body := o.page[g]; body != nil {
		return o.response(r, http.StatusOK, header, bytes.NewReader(body), int64(len(body))), nil
	}
	number, size := pageOf(r.URL)
	if g == classic && o.polled {
		g = ended
		if o.runs.Add(-1) >= 0 {
			g = running
		}
	}
	p := newPage(g, o.body, number, size, o.total)
	return o.response(r, http.StatusOK, header, p, p.length), nil
}

func (o *offline) response(r *http.Request, status int, header http.Header, body io.Reader, length int64) *http.Response {
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
