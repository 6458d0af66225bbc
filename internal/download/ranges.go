package download

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // the checksum of the format
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"example.com/restorejobs/internal/hashcopy"
	"example.com/restorejobs/internal/partfile"
	"example.com/restorejobs/internal/redact"
)

// minRangesLeft is the least that is worth several connections.
const minRangesLeft = 64 << 20

func (f *Fetcher) minRangesLeft() int64 { return cmp.Or(f.minLeft, minRangesLeft) }

// errRangesRefused is a response to a further connection that is not the range.
var errRangesRefused = errors.New("the server did not send the range")

// errMisplaced is a fault of this package, which must not become a wrong file.
var errMisplaced = errors.New("internal error: a range does not follow the bytes before it")

// usesRanges reports whether bytes were fetched out of order.
func (t *transfer) usesRanges() bool { return t.segments != nil && len(t.segments.list) > 0 }

// have is how many bytes are on the disk.
func (t *transfer) have() int64 {
	if t.segments == nil {
		return t.bytes
	}
	return t.bytes + t.segments.ahead()
}

// canUseRanges reports whether further connections may fetch the rest of a response.
func (t *transfer) canUseRanges(resp *response) bool {
	return t.connections() > 1 && resp.length >= t.client.minRangesLeft() && !resp.forbidsRanges
}

// connections is how many connections may be used now.
func (t *transfer) connections() int {
	_, isPart := t.dest.(*partDestination)
	isSafe := isPart && !t.singleUse && !t.noRanges && t.validators.ifRange() != ""
	if !isSafe {
		return 1
	}
	count := max(t.file.Connections, 1)
	if t.file.ExtraRequests >= 0 {
		count = min(count, int(max(t.file.ExtraRequests-t.extra, 0))+1)
	}
	return count
}

// newSegments describes a file of which the beginning is hashed.
func (t *transfer) newSegments() *segments {
	return &segments{
		size: t.validators.Size,
		base: t.bytes,
		sum:  t.sum(),
	}
}

// segmentLength is the length of a new segment: one for each connection, and no more requests than
// are permitted.
func (t *transfer) segmentLength(connections int) int64 {
	left := t.validators.Size - t.have()
	length := min(left/int64(connections)+1, maxSegment)
	if t.file.ExtraRequests >= 0 {
		length = max(length, left/(max(t.file.ExtraRequests-t.extra, 0)+1)+1)
	}
	return max(length, minSegment)
}

// requestRange requests a range on a further connection.
func (t *transfer) requestRange(ctx context.Context, from, to int64) (*response, error) {
	ctx, _ = redact.Record(ctx) // for the text of an error response
	reqCtx, cancel := context.WithCancelCause(ctx)
	timer := newStallTimer(t.client.StallTimeout, cancel)
	fail := func(err error) error {
		err = stallCause(reqCtx, err)
		cancel(nil)
		timer.stop()
		return err
	}
	timer.start()
	resp, err := t.client.follow(reqCtx, &linkRequest{
		link:    &t.file.Link,
		from:    from,
		to:      to,
		ifRange: t.validators.ifRange(),
	})
	timer.stop()
	if err != nil {
		return nil, fail(err)
	}
	resp.Body = &stallReader{ReadCloser: resp.Body, timer: timer}
	length, isRange := t.validators.matchesPartial(resp, from)
	isRange = isRange && resp.StatusCode == http.StatusPartialContent && t.isArchive(resp)
	if isRange {
		return newResponse(reqCtx, cancel, timer, resp.Body, length), nil
	}
	defer resp.Body.Close()
	isError := resp.StatusCode >= http.StatusBadRequest && resp.StatusCode != http.StatusRequestedRangeNotSatisfiable
	if isError {
		return nil, fail(newResponseError(ctx, resp))
	}
	return nil, fail(errRangesRefused)
}

// forbidsRanges reports a server that declares that it has no ranges.
func forbidsRanges(resp *http.Response) bool {
	return strings.EqualFold(strings.TrimSpace(resp.Header.Get("Accept-Ranges")), "none")
}

// resumeRanges verifies the ranges that an earlier call has left after the verified bytes.
func (t *transfer) resumeRanges(ctx context.Context, part *partfile.Part, dest *partDestination) error {
	if len(dest.sidecar.Ranges) == 0 {
		return part.Truncate(t.bytes)
	}
	verified := t.newSegments()
	for _, r := range dest.sidecar.Ranges {
		if r.End > part.Size() {
			continue
		}
		sum := sha1.New() //nolint:gosec // see the import
		content := &ctxReader{ctx, io.NewSectionReader(part, r.Start, r.End-r.Start)}
		n, err, _ := t.copier.Copy(hashcopy.Copy{Src: content, Hash: sum})
		if ctx.Err() != nil {
			return err
		}
		want, decodeErr := hex.DecodeString(r.SHA1)
		if err != nil || decodeErr != nil || n != r.End-r.Start || !bytes.Equal(want, sum.Sum(nil)) {
			continue
		}
		segment := newSegment(r.Start, r.End, time.Time{})
		segment.pos = r.End
		segment.sum = want
		segment.isBusy = false
		verified.list = append(verified.list, segment)
	}
	t.segments = verified
	if err := t.hashSegments(ctx, part); err != nil {
		return err
	}
	t.progress.resume(t.have(), t.validators.Size)
	return t.keepSegments(part, dest)
}

// hashSegments hashes the segments that follow the hashed beginning, unless that is verified later.
func (t *transfer) hashSegments(ctx context.Context, part io.ReaderAt) error {
	for t.beginning == nil {
		from := t.segments.base
		end := t.segments.hashable(from)
		if end == from {
			return nil
		}
		content := &ctxReader{ctx, io.NewSectionReader(part, from, end-from)}
		if _, err, _ := t.copier.Copy(hashcopy.Copy{Src: content, Hash: t.hash}); err != nil {
			return err
		}
		t.bytes = end
		t.segments.advance(end, func() []byte { return t.hash.Sum(nil) })
	}
	return nil
}

// keepSegments records what is on the disk. Without ranges the part ends with the hashed bytes.
func (t *transfer) keepSegments(part *partfile.Part, dest *partDestination) error {
	if err := dest.CheckpointRanges(t.segments); err != nil || t.usesRanges() {
		return err
	}
	t.segments = nil
	if part.Size() == t.bytes {
		return nil
	}
	return part.Truncate(t.bytes)
}
