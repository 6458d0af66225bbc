package download

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/api"
)

// pacedLink is a server in process for one file, whose pace is that of a test's clock.
type pacedLink struct {
	size  int64
	paces []pace // of the first requests; the last is that of all further ones

	mu       sync.Mutex
	requests int
	sent     []int64 // by each request
}

// pace is how fast one response is.
type pace struct {
	first time.Duration // before the first byte
	rate  int64         // bytes a second
	stops int64         // after so many bytes, 0 for never
}

func (l *pacedLink) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	number := l.requests
	l.requests++
	l.sent = append(l.sent, 0)
	l.mu.Unlock()
	from := int64(0)
	to := l.size
	resp := &http.Response{
		StatusCode: http.StatusOK,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     http.Header{"Etag": {strong}, "Content-Type": {"application/gzip"}},
		Request:    r,
	}
	if requested, isRange := strings.CutPrefix(r.Header.Get("Range"), "bytes="); isRange {
		first, last, _ := strings.Cut(requested, "-")
		from, _ = strconv.ParseInt(first, 10, 64)
		if end, err := strconv.ParseInt(last, 10, 64); err == nil {
			to = end + 1
		}
		resp.StatusCode = http.StatusPartialContent
		resp.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, l.size))
	}
	resp.ContentLength = to - from
	resp.Body = &pacedBody{
		ctx:    r.Context(),
		link:   l,
		number: number,
		pace:   l.paces[min(number, len(l.paces)-1)],
		left:   to - from,
	}
	return resp, nil
}

// pacedBody is the body of one response, all zeros.
type pacedBody struct {
	ctx     context.Context //nolint:containedctx // of its request
	link    *pacedLink
	number  int
	pace    pace
	left    int64
	isBegun bool
	sent    int64
}

func (b *pacedBody) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), 32<<10, b.left)
	if b.pace.stops > 0 {
		n = min(n, b.pace.stops-b.sent)
	}
	if n == 0 {
		<-b.ctx.Done()
		return 0, b.ctx.Err()
	}
	wait := time.Duration(n * int64(time.Second) / b.pace.rate)
	if !b.isBegun {
		b.isBegun = true
		wait += b.pace.first
	}
	if err := api.Sleep(b.ctx, wait); err != nil {
		return 0, err
	}
	clear(p[:n])
	b.left -= n
	b.sent += n
	b.link.mu.Lock()
	b.link.sent[b.number] += n
	b.link.mu.Unlock()
	return int(n), nil
}

func (b *pacedBody) Close() error { return nil }

// fetch fetches the file over four connections, and returns how long that took by the test's clock.
func (l *pacedLink) fetch(t *testing.T) time.Duration {
	t.Helper()
	root, _ := folder(t)
	fetcher := &Fetcher{Transport: l, StallTimeout: time.Minute, minLeft: 2 << 20}
	f := file()
	f.Link = Link{URL: plainURL("https://example.net/a.tar.gz")}
	f.Connections = 4
	f.ExtraRequests = -1
	start := time.Now()
	part, err := fetcher.Fetch(t.Context(), root, f)
	require.NoError(t, err)
	assert.Equal(t, l.size, part.Size)
	part.Close()
	return time.Since(start)
}

// The other connections fetch what a slow, late or silent one cannot, with few requests. The times
// are those of the test's clock.
func TestConnection_slowOnes(t *testing.T) {
	t.Parallel()
	slow := pace{rate: 200 << 10}
	fast := pace{rate: 40 << 20}
	late := pace{first: 700 * time.Millisecond, rate: 40 << 20}
	silent := pace{first: time.Hour, rate: 40 << 20}
	stopsSoon := pace{rate: 40 << 20, stops: 1}
	stopsLater := pace{rate: 2 << 20, stops: 1<<20 + 1}
	verySlowStart := pace{first: 9 * time.Second, rate: 40 << 20}
	for name, test := range map[string]struct {
		paces     []pace
		atMost    time.Duration
		fromFirst int64 // bytes that the first connection sends at most
		requests  int   // at most
	}{
		"the first is slow":                     {[]pace{slow, fast}, 2 * time.Second, 512 << 10, 12},
		"the first two are slow":                {[]pace{slow, slow, fast}, 3 * time.Second, 768 << 10, 16},
		"the first is slow, the others late":    {[]pace{slow, late}, 5 * time.Second, 1 << 20, 16},
		"all begin late":                        {[]pace{late}, 3 * time.Second, 4 << 20, 12},
		"the first is silent":                   {[]pace{silent, fast}, 4 * time.Second, 0, 8},
		"one further is silent":                 {[]pace{fast, silent, fast}, 4 * time.Second, rangesSize, 12},
		"the first stops after a byte":          {[]pace{stopsSoon, fast}, 4 * time.Second, 1, 8},
		"one further stops after a byte":        {[]pace{fast, stopsSoon, fast}, 4 * time.Second, rangesSize, 12},
		"one further stops in the middle":       {[]pace{fast, stopsLater, fast}, 4 * time.Second, rangesSize, 12},
		"all begin later than a split can wait": {[]pace{verySlowStart}, 40 * time.Second, rangesSize, 16},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &pacedLink{size: rangesSize, paces: test.paces}
				took := l.fetch(t)
				t.Logf("%v, %d requests: %d", took, l.requests, l.sent)
				assert.LessOrEqual(t, took, test.atMost)
				assert.LessOrEqual(t, l.sent[0], test.fromFirst)
				assert.LessOrEqual(t, l.requests, test.requests)
			})
		})
	}
}

// A request counts before it is sent: connections that are free at the same time share what is left.
func TestConnection_reservesRequest(t *testing.T) {
	t.Parallel()
	f := file()
	f.ExtraRequests = 1
	c := &connections{
		transfer: (&Fetcher{}).newTransfer(f),
		segments: &segments{size: 4 << 20, length: 1 << 20},
	}
	c.changed = sync.NewCond(&c.mu)
	first := &connection{connections: c}
	second := &connection{connections: c}
	segment := first.next(t.Context())
	require.NotNil(t, segment)
	assert.Nil(t, second.next(t.Context()))
	segment.end = segment.start // all of it was taken over
	require.NoError(t, first.fetch(t.Context(), segment))
	first.release(segment)
	assert.NotNil(t, second.next(t.Context()), "nothing was sent")
}
