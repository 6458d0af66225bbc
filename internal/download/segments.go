package download

import (
	"crypto/sha1" //nolint:gosec // the checksum of the format
	"encoding/hex"
	"hash"
	"slices"
	"time"
)

const (
	// maxSegment limits a segment: what is ahead of the hash should still be in memory.
	maxSegment = 256 << 20
	// minSegment is the least that is worth a request of its own.
	minSegment = 1 << 20
	// maxSegments limits the ranges in a sidecar.
	maxSegments = 64
	// minSplitTime is the least time that a connection still needs for a split to be worth it.
	minSplitTime = 300 * time.Millisecond
	// idleRate is how long a connection may receive nothing before it counts as stopped.
	idleRate = 2 * time.Second
)

// segment is a range of the file that one connection fetches, or has fetched.
type segment struct {
	start   int64
	pos     int64 // what is before it is on the disk
	claimed int64 // what is before it is being written
	end     int64
	isBusy  bool
	hash    hash.Hash // of start to pos; for the connection only
	sum     []byte    // of hash
	begun   time.Time
	latest  time.Time // when pos has changed
}

func newSegment(start, end int64, now time.Time) *segment {
	return &segment{
		start:   start,
		pos:     start,
		claimed: start,
		end:     end,
		hash:    sha1.New(), //nolint:gosec // see the import
		begun:   now,
		latest:  now,
		isBusy:  true,
	}
}

// rate is the bytes a second of the connection, zero for one that has stopped.
func (s *segment) rate(now time.Time) float64 {
	if now.Sub(s.latest) > idleRate || s.pos == s.start {
		return 0
	}
	return float64(s.pos-s.start) / max(now.Sub(s.begun).Seconds(), 0.001)
}

// segments are the parts of a file after its hashed beginning. They are ordered and do not
// overlap; between them are gaps that no connection has.
type segments struct {
	size   int64
	base   int64 // the end of the hashed beginning
	sum    []byte
	list   []*segment
	length int64 // of a new segment
}

// firstGap returns the first gap, and the index of the segment after it.
func (s *segments) firstGap() (start, end int64, index int) {
	start = s.base
	for i, segment := range s.list {
		if segment.start > start {
			return start, segment.start, i
		}
		start = segment.end
	}
	return start, s.size, len(s.list)
}

// gapAt returns a new segment if a gap begins at an offset.
func (s *segments) gapAt(offset int64, now time.Time) *segment {
	start, end, index := s.firstGap()
	if start != offset || start == end {
		return nil
	}
	return s.insert(index, start, min(end, start+s.length), now)
}

// next returns the next segment to fetch, nil if all are being fetched. The rate is that of the
// connection that is free, zero if unknown.
func (s *segments) next(rate float64, now time.Time) *segment {
	start, end, index := s.firstGap()
	isFull := len(s.list) >= maxSegments && index > 0
	if start < end && !isFull {
		return s.insert(index, start, min(end, start+s.length), now)
	}
	return s.split(rate, isFull, now)
}

func (s *segments) insert(index int, start, end int64, now time.Time) *segment {
	created := newSegment(start, end, now)
	s.list = slices.Insert(s.list, index, created)
	return created
}

// split takes the end of the segment that needs the most time, or the first one.
func (s *segments) split(rate float64, first bool, now time.Time) *segment {
	slowest := -1
	longest := minSplitTime.Seconds()
	for i, segment := range s.list {
		left := float64(segment.end - segment.claimed)
		isNew := now.Sub(segment.begun) < minSplitTime
		if !segment.isBusy || left <= 0 || isNew {
			continue
		}
		needs := left / max(segment.rate(now), 1)
		if needs > longest {
			slowest = i
			longest = needs
		}
		if first && slowest >= 0 {
			break
		}
	}
	if slowest < 0 {
		return nil
	}
	owner := s.list[slowest]
	share := 0.5
	if own := owner.rate(now); rate > 0 || own == 0 {
		share = own / max(own+rate, 1)
	}
	end := owner.end
	owner.end = owner.claimed + int64(share*float64(end-owner.claimed))
	return s.insert(slowest+1, owner.end, end, now)
}

// release ends the work on a segment. What it has not fetched becomes a gap.
func (s *segments) release(done *segment) {
	done.isBusy = false
	done.end = done.pos
	done.claimed = done.pos
	if done.pos == done.start {
		s.list = slices.DeleteFunc(s.list, func(other *segment) bool { return other == done })
	}
}

// hashable returns the end of the bytes after an offset that can be hashed, within one segment.
func (s *segments) hashable(offset int64) int64 {
	if len(s.list) == 0 || s.list[0].start != s.base {
		return offset
	}
	return s.list[0].pos
}

// advance moves the hashed beginning to an offset, if a segment ends there and is not being fetched.
func (s *segments) advance(offset int64, sum func() []byte) bool {
	if len(s.list) == 0 {
		return false
	}
	first := s.list[0]
	isWhole := !first.isBusy && first.start == s.base && first.end == offset
	if !isWhole {
		return false
	}
	s.base = offset
	s.sum = sum()
	s.list = s.list[1:]
	return true
}

// isFetched reports whether all bytes are on the disk.
func (s *segments) isFetched() bool {
	end := s.base
	for _, segment := range s.list {
		if segment.start != end || segment.pos != segment.end {
			return false
		}
		end = segment.end
	}
	return end == s.size
}

// ahead is how many bytes after the hashed beginning are on the disk.
func (s *segments) ahead() int64 {
	n := int64(0)
	for _, segment := range s.list {
		n += segment.pos - segment.start
	}
	return n
}

// ranges describes the segments for a sidecar.
func (s *segments) ranges() []Range {
	var ranges []Range
	for _, segment := range s.list {
		if segment.pos > segment.start {
			ranges = append(ranges, Range{Start: segment.start, End: segment.pos, SHA1: hex.EncodeToString(segment.sum)})
		}
	}
	return ranges
}
