// Package hashcopy copies a stream while it is hashed, with reading, hashing and
// writing at work at the same time on different buffers.
package hashcopy

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// bufferSize is large enough that handing buffers on costs nothing, and small
	// enough that one stays in a processor's cache until it is written.
	bufferSize = 512 << 10
	// sumSize is room behind each buffer for the sum of the hash.
	sumSize = 64
	// stateSize is room behind that for the state of the hash.
	stateSize = 256
	// bufferCount is one for each of the three stages, and one in transit.
	bufferCount = 4
	// maxFillWait limits how long received bytes wait for a full buffer.
	maxFillWait = 250 * time.Millisecond
	// maxEmptyReads is how often a reader may return nothing and no error.
	maxEmptyReads = 100
)

// Copier owns the buffers of one stream after another. It runs one Copy at a time.
type Copier struct {
	freeBuffers chan []byte // nil stands for a buffer that has not been needed yet
}

// New makes a Copier. It allocates its buffers when they are first needed: two MiB in all.
func New() *Copier {
	l := &Copier{freeBuffers: make(chan []byte, bufferCount)}
	for range bufferCount {
		l.freeBuffers <- nil
	}
	return l
}

// Copy is one stream.
type Copy struct {
	// Src is read to its end.
	Src io.Reader
	// Hash gets every byte that was read, before it is written. When writing fails, it is set back
	// to the bytes in Dst if its state can be saved, as that of crypto/sha1.
	Hash hash.Hash
	// Dst gets every byte that was read, from one other goroutine. Nil only hashes.
	Dst io.Writer
	// Checkpoint, unless nil, is called on the goroutine of Dst after each CheckpointEvery bytes,
	// and when writing fails: n bytes are in Dst, and sum is their hash. It must not keep sum.
	Checkpoint func(n int64, sum []byte) error
	// CheckpointEvery is the number of bytes between checkpoints.
	CheckpointEvery int64
	// Cancel, unless nil, is called once when Dst or Checkpoint fails, to end a Read that waits.
	Cancel func()

	cut cutChunk
}

// cutChunk is the chunk that was being written when writing failed.
type cutChunk struct {
	state   []byte // of the hash before it
	written []byte // of its data
}

// errWriterExited is a writer that has ended its goroutine, as testing's FailNow does.
var errWriterExited = errors.New("the writer has ended its goroutine")

// errInvalidWrite is a writer that breaks the rule of [io.Writer].
var errInvalidWrite = errors.New("the writer reported more than it was given, or less than nothing")

// chunk is one filled buffer, on its way from reading to writing.
type chunk struct {
	data       []byte
	end        int64  // where it ends in the stream
	sum        []byte // of the stream up to there, nil without checkpoints
	state      []byte // of the hash before it, nil if that cannot be saved
	checkpoint bool   // a checkpoint is due after it
}

// Copy moves the stream and returns when all of it that was read has been hashed and
// written, with no goroutine left. Written counts the bytes in Dst; without an error of
// writing it is all that was read. ReadErr is nil at the end of the stream. A panic of Src,
// Dst or Checkpoint is passed on.
func (c *Copier) Copy(job Copy) (written int64, readErr, writeErr error) {
	toHash := make(chan chunk, bufferCount)
	toWrite := make(chan chunk, bufferCount)
	var workers sync.WaitGroup
	var failed atomic.Bool
	workers.Go(func() { job.hash(toHash, toWrite) })
	writeErr = errWriterExited // until write returns
	workers.Go(func() { written, writeErr = job.write(toWrite, c.freeBuffers, &failed) })
	func() {
		defer workers.Wait()
		defer close(toHash)
		readErr = c.read(job.Src, toHash, &failed)
	}()
	job.rewind()
	if panicked, ok := writeErr.(*panicError); ok { //nolint:errorlint // as writeChunk returns it
		panic(panicked.value)
	}
	return written, readErr, writeErr
}

// panicError passes a panic to the goroutine that waits.
type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprint("panic: ", e.value) }

// read fills buffers until the stream ends or writing has failed.
func (c *Copier) read(from io.Reader, to chan<- chunk, failed *atomic.Bool) error {
	var end int64
	for {
		buffer := <-c.freeBuffers
		if buffer == nil {
			buffer = make([]byte, bufferSize, bufferSize+sumSize+stateSize)
		}
		n, err := Fill(from, buffer)
		if n == 0 {
			c.freeBuffers <- buffer
		} else {
			end += int64(n)
			to <- chunk{data: buffer[:n], end: end}
		}
		switch {
		case err == io.EOF: //nolint:errorlint // the end of a stream is never wrapped
			return nil
		case err != nil:
			return err
		case failed.Load():
			return nil
		}
	}
}

// Fill reads until the buffer is full, the stream ends, or the bytes in it have waited for
// maxFillWait.
func Fill(from io.Reader, buffer []byte) (n int, err error) {
	start := time.Now()
	empty := 0
	for n < len(buffer) && err == nil {
		var more int
		more, err = from.Read(buffer[n:])
		n += more
		switch {
		case more > 0 && time.Since(start) >= maxFillWait:
			return n, err
		case more > 0:
			empty = 0
		case err == nil:
			if empty++; empty >= maxEmptyReads {
				err = io.ErrNoProgress
			}
		}
	}
	return n, err
}

func (cp *Copy) hash(from <-chan chunk, to chan<- chunk) {
	defer close(to)
	nextCheckpoint := cp.CheckpointEvery
	saver, canSave := cp.Hash.(encoding.BinaryAppender)
	for c := range from {
		if canSave && cp.Dst != nil {
			c.state, _ = saver.AppendBinary(c.data[:cap(c.data)][bufferSize+sumSize : bufferSize+sumSize])
		}
		_, _ = cp.Hash.Write(c.data) // a hash never fails
		if cp.Checkpoint != nil {
			c.sum = cp.Hash.Sum(c.data)[len(c.data):]
		}
		if c.end >= nextCheckpoint {
			c.checkpoint = true
			nextCheckpoint = c.end + cp.CheckpointEvery
		}
		to <- c
	}
}

// rewind sets the hash back to the bytes in Dst. It runs after all workers have ended.
func (cp *Copy) rewind() {
	restorer, ok := cp.Hash.(encoding.BinaryUnmarshaler)
	if !ok || len(cp.cut.state) == 0 || restorer.UnmarshalBinary(cp.cut.state) != nil {
		return
	}
	_, _ = cp.Hash.Write(cp.cut.written) // a hash never fails
}

// write returns every buffer, also after a failure.
func (cp *Copy) write(from <-chan chunk, free chan<- []byte, failed *atomic.Bool) (written int64, err error) {
	var prev chunk // without its data
	defer func() { // after a writer that has ended its goroutine: the others must not wait
		failed.Store(true)
		for c := range from {
			free <- c.data[:bufferSize]
		}
	}()
	for c := range from {
		if err == nil {
			var n int
			n, err = cp.writeChunk(c, prev)
			prev.end = c.end
			prev.sum = append(prev.sum[:0], c.sum...)
			written += int64(n)
			if err != nil {
				cp.cut = cutChunk{state: bytes.Clone(c.state), written: bytes.Clone(c.data[:n])}
				failed.Store(true)
				if cp.Cancel != nil {
					cp.Cancel()
				}
			}
		}
		free <- c.data[:bufferSize]
	}
	return written, err
}

// writeChunk writes a chunk. It calls Checkpoint where one is due, and after a failure for the chunk
// before.
func (cp *Copy) writeChunk(c, prev chunk) (n int, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value}
		}
	}()
	n = len(c.data)
	if cp.Dst != nil {
		n, err = cp.Dst.Write(c.data)
		switch {
		case n < 0 || n > len(c.data):
			n = 0
			err = errInvalidWrite
		case n < len(c.data) && err == nil:
			err = io.ErrShortWrite
		}
	}
	switch {
	case err == nil && c.checkpoint && cp.Checkpoint != nil:
		err = cp.Checkpoint(c.end, c.sum)
	case err != nil && len(prev.sum) > 0:
		_ = cp.Checkpoint(prev.end, prev.sum) // err is the first failure
	}
	return n, err
}
