package download

import (
	"io"
	"time"
)

const (
	// slowAfter is how long a first connection is measured.
	slowAfter = 100 * time.Millisecond
	// slowRate is the bytes a second below which further connections can help. The hash alone
	// limits a faster one.
	slowRate = 150e6
)

// slowReader ends early, if the connection is slow and enough is left for further ones.
type slowReader struct {
	resp    *response
	minLeft int64
	start   time.Time
	isSlow  bool
	isFast  bool
}

func newSlowReader(resp *response, minLeft int64) *slowReader {
	return &slowReader{resp: resp, minLeft: minLeft, start: time.Now()}
}

func (s *slowReader) Read(p []byte) (int, error) {
	if !s.isFast {
		if took := time.Since(s.start); took >= slowAfter {
			hasEnough := s.resp.length-s.resp.read >= s.minLeft
			s.isSlow = hasEnough && float64(s.resp.read) < slowRate*took.Seconds()
			s.isFast = !s.isSlow
		}
	}
	if s.isSlow {
		return 0, io.EOF
	}
	return s.resp.Read(p)
}
