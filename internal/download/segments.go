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
	// stoppedAfter is how long a connection may receive nothing before it counts as stopped.
	stoppedAfter = 2 * time.Second
)

// segment is a range of the file that one connection fetches, or has fetched.
type segment struct {
	start    int64
	pos      int64 // what is before it is on the disk
	received int64 // what is before it has been received
	end      int64
	isBusy   bool
	writing  bool      // pos to received is being written
	hash     hash.Hash // of start to pos; for the connection only
	sum      []byte    // of hash
	begun    time.Time
	latest   time.Time     // when received or pos has changed
	patience time.Duration // how long it may receive nothing
}

func newSegment(start, end int64, now time.Time) *segment {
	return &segment{
		start:    start,
		pos:      start,
		received: start,
		end:      end,
		hash:     sha1.New(), //nolint:gosec // see the import
		begun:    now,
		latest:   now,
		patience: stoppedAfter,
		isBusy:   true,
	}
}

// left is how many bytes the connection has yet to receive.
func (s *segment) left() int64 { return s.end - s.received }

// isStopped reports a connection that receives nothing any more.
func (s *segment) isStopped(now time.Time) bool { return now.Sub(s.latest) > s.patience }

// kept is where another connection can continue after this one has stopped. What was received and is
// not being written is lost: its connection writes it only after the next bytes.
func (s *segment) kept() int64 {
	if s.writing {
		return s.received
	}
	return s.pos
}

// missing is how many bytes another connection can fetch.
func (s *segment) missing(now time.Time) int64 {
	if s.isStopped(now) {
		return s.end - s.kept()
	}
	return s.left()
}

// rate is the bytes a second of the connection, zero for one that has stopped.
func (s *segment) rate(now time.Time) float64 {
	if s.isStopped(now) {
		return 0
	}
	return float64(s.received-s.start) / max(now.Sub(s.begun).Seconds(), 0.001)
}

// canSplit reports whether the rate is known, and bytes are left. A connection that has received
// nothing yet keeps its segment: otherwise late responses would replace each other without end.
func (s *segment) canSplit(now time.Time) bool {
	isRateKnown := s.received > s.start && now.Sub(s.begun) >= minSplitTime
	return s.isBusy && s.missing(now) > 0 && (isRateKnown || s.isStopped(now))
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
		if !segment.canSplit(now) {
			continue
		}
		needs := float64(segment.missing(now)) / max(segment.rate(now), 1)
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
	if owner.isStopped(now) {
		return s.takeOver(slowest, now)
	}
	share := 0.5
	if rate > 0 {
		own := owner.rate(now)
		share = own / (own + rate)
	}
	end := owner.end
	owner.end = owner.received + int64(share*float64(owner.left()))
	return s.insert(slowest+1, owner.end, end, now)
}

// takeOver takes all that a stopped connection has not kept. The next connection may be as slow
// to begin, so it gets twice the time.
func (s *segments) takeOver(index int, now time.Time) *segment {
	owner := s.list[index]
	end := owner.end
	owner.received = owner.kept()
	owner.end = owner.received
	owner.isBusy = owner.pos < owner.end // its connection can wait for long, and the hash must not
	if owner.start == owner.end {
		s.list = slices.Delete(s.list, index, index+1)
		index--
	}
	created := s.insert(index+1, owner.end, end, now)
	created.patience = 2 * owner.patience
	return created
}

// release ends the work on a segment. What it has not fetched becomes a gap.
func (s *segments) release(done *segment) {
	done.isBusy = false
	done.end = done.pos
	done.received = done.pos
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
