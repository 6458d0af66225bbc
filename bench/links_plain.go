package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
)

// byPlainRanges is the yardstick for the hash: it writes four ranges where they belong, syncs the
// file, and verifies nothing.
func (a *archive) byPlainRanges(ctx context.Context) error {
	file, err := os.Create(a.fetched())
	if err != nil {
		return err
	}
	const connections = 4
	errs := make([]error, connections)
	var running sync.WaitGroup
	for i := range int64(connections) {
		running.Go(func() {
			errs[i] = fetchRange(ctx, a.url(), file, i*a.size/connections, (i+1)*a.size/connections)
		})
	}
	running.Wait()
	return errors.Join(errors.Join(errs...), file.Sync(), file.Close())
}

// fetchRange writes the bytes from first up to end.
func fetchRange(ctx context.Context, url string, file *os.File, first, end int64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", first, end-1))
	transport := http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusPartialContent {
		return errors.New("range: " + resp.Status)
	}
	const bufferSize = 1 << 20
	_, err = io.CopyBuffer(struct{ io.Writer }{io.NewOffsetWriter(file, first)}, resp.Body, make([]byte, bufferSize))
	return err
}
