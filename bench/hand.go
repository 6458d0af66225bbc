package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
)

// hand is the yardstick: what a program written by hand for exactly these requests can reach. It
// lacks most of what a library needs: retries, redirects, redaction, checks of responses, unknown
// fields. It uses the transport directly and decodes without reflection.
type hand struct {
	transport http.RoundTripper
	gen       generation
	base      url.URL
	buffers   sync.Pool
	signer    handSigner
}

var acceptJSON = []string{"application/json"}

func openHand(g generation, base string, transport http.RoundTripper) (client, error) {
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = 1024
		transport = own
	}
	path := classicPath
	if g == atlasV2 {
		path = cloudPath
	}
	address, err := url.Parse(base + path)
	if err != nil {
		return nil, err
	}
	return &hand{
		transport: transport,
		gen:       g,
		base:      *address,
		buffers:   sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}, nil
}

// send requests a path below the base, and passes the body to decode, which must not keep it.
func (h *hand) send(ctx context.Context, suffix, query string, decode func(body []byte) error) error {
	address := h.base
	address.Path += suffix
	address.RawQuery = query
	n := h.signer.get()
	for range 4 {
		header := http.Header{"Accept": acceptJSON}
		if n != nil {
			header["Authorization"] = []string{n.sign(http.MethodGet, address.RequestURI())}
		}
		resp, err := h.transport.RoundTrip((&http.Request{
			Method:     http.MethodGet,
			URL:        &address,
			Host:       address.Host,
			Header:     header,
			Proto:      "HTTP/1.1",
			ProtoMajor: 1,
			ProtoMinor: 1,
		}).WithContext(ctx))
		if err != nil {
			return err
		}
		if resp.StatusCode == http.StatusUnauthorized {
			n = h.signer.renew(n, resp.Header.Get("WWW-Authenticate"))
			_, _ = io.Copy(io.Discard, resp.Body)
			_ = resp.Body.Close()
			continue
		}
		err = h.read(resp, decode)
		h.signer.put(n)
		return err
	}
	return errors.New("not authorized")
}

func (h *hand) read(resp *http.Response, decode func(body []byte) error) error {
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	body := h.buffers.Get().(*bytes.Buffer)
	defer h.buffers.Put(body)
	body.Reset()
	if resp.ContentLength > 0 {
		body.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	if _, err := body.ReadFrom(resp.Body); err != nil {
		return err
	}
	return decode(body.Bytes())
}

func (h *hand) get(ctx context.Context, id string) (deliveredJob, error) {
	var got deliveredJob
	err := h.send(ctx, "/"+id, "", func(body []byte) (err error) {
		got, err = handJob(h.gen, body)
		return err
	})
	return got, err
}

func (h *hand) list(ctx context.Context, number, size int, each func(deliveredJob)) (more bool, err error) {
	page, err := h.page(ctx, number, size, each)
	return page.next, err
}

func (h *hand) page(ctx context.Context, number, size int, each func(deliveredJob)) (page handPage, err error) {
	query := "itemsPerPage=" + strconv.Itoa(size) + "&pageNum=" + strconv.Itoa(number)
	err = h.send(ctx, "", query, func(body []byte) (err error) {
		page, err = decodeHandPage(h.gen, body, each)
		return err
	})
	return page, err
}

// all reads the first page for the total, then the others with up to readAhead requests in flight.
func (h *hand) all(ctx context.Context, size, readAhead int, each func(deliveredJob)) error {
	const usual = 4
	switch {
	case readAhead == 0:
		readAhead = usual
	case readAhead < 0:
		readAhead = 1
	}
	first, err := h.page(ctx, 1, size, each)
	if err != nil {
		return err
	}
	pages := (first.total + size - 1) / size
	if readAhead == 1 {
		for number := 2; number <= pages && err == nil; number++ {
			_, err = h.page(ctx, number, size, each)
		}
		return err
	}
	type result struct {
		jobs []deliveredJob
		err  error
	}
	results := make([]chan result, pages+1)
	begin := func(number int) {
		if number > pages {
			return
		}
		results[number] = make(chan result, 1)
		go func() {
			jobs := make([]deliveredJob, 0, size)
			_, err := h.page(ctx, number, size, func(d deliveredJob) { jobs = append(jobs, d) })
			results[number] <- result{jobs: jobs, err: err}
		}()
	}
	for number := 2; number < 2+readAhead; number++ {
		begin(number)
	}
	for number := 2; number <= pages; number++ {
		done := <-results[number]
		if done.err != nil {
			return done.err
		}
		begin(number + readAhead)
		for _, d := range done.jobs {
			each(d)
		}
	}
	return nil
}

// wait gets one job or reads the first pages of a list, until every job has ended. It knows that
// the jobs are the newest ones.
func (h *hand) wait(ctx context.Context, ids []string) (rounds int, err error) {
	if len(ids) == 1 {
		return poll(ctx, ids, h.get)
	}
	for ; rounds < waitRounds; rounds++ {
		for number := 1; (number-1)*pageSize < len(ids); number++ {
			if _, err := h.list(ctx, number, pageSize, func(deliveredJob) {}); err != nil {
				return rounds, fmt.Errorf("page %d: %w", number, err)
			}
		}
	}
	return rounds, nil
}
