package api

import (
	"io"
	"sync"

	"example.com/restorejobs/internal/freelist"
)

const (
	// maxUnprovenBytes bounds what is allocated before a body arrives: its announced length may
	// be a lie.
	maxUnprovenBytes = 4 << 20
	// maxPooledBytes bounds the buffers that are kept for other responses.
	maxPooledBytes = 5 << 20
	// minBodyBytes is the size of the first buffer for a body of unknown length.
	minBodyBytes = 16 << 10
	// spareBytes is room to read the end of a body.
	spareBytes = 512
)

// bodyBuffer reads one response body into one slice. Growing does not double it: of an announced
// length it allocates at most one and a third in total. Of an unknown length it keeps pieces and
// joins them once. From half the limit on, the last piece has room for the limit.
type bodyBuffer struct {
	data   []byte
	pieces [][]byte // full ones before data
	size   int64    // of the pieces
	source io.LimitedReader

	response Response // whose body is in data
}

// buffers holds body buffers while responses are decoded.
var buffers = sync.Pool{New: func() any { return new(bodyBuffer) }}

// NewBuffers returns the buffers of a series of requests. Close the list after the last one.
func NewBuffers() *freelist.List { return freelist.New(&buffers) }

// bufferPool is a [sync.Pool] or a [freelist.List].
type bufferPool interface {
	Get() any
	Put(buffer any)
}

// bufferPool returns the pool for responses to the request.
func (req *Request) bufferPool() bufferPool {
	if req.Buffers == nil {
		return &buffers
	}
	return req.Buffers
}

func (req *Request) getBuffer() *bodyBuffer { return req.bufferPool().Get().(*bodyBuffer) }

// putBuffer keeps a buffer for other responses unless one huge response has made it a burden.
func (req *Request) putBuffer(b *bodyBuffer) {
	b.drop()
	b.response = Response{}
	if cap(b.data) <= maxPooledBytes {
		b.data = b.data[:0]
		req.bufferPool().Put(b)
	}
}

func (b *bodyBuffer) drop() {
	b.pieces = nil
	b.size = 0
}

// readFrom reads to the end of a body or to one byte past the limit. The announced length is at
// most the limit, or 0 where it is unknown.
func (b *bodyBuffer) readFrom(body io.Reader, announced, limit int64) error {
	b.source = io.LimitedReader{R: body, N: limit + 1}
	defer func() { b.source.R = nil }()
	source := io.Reader(&b.source)
	if announced > 0 {
		b.growTo(announced)
	}
	for {
		if len(b.data) == cap(b.data) {
			b.grow(announced, limit)
		}
		n, err := source.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		if err != nil {
			b.join(b.size + int64(len(b.data)))
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (b *bodyBuffer) grow(announced, limit int64) {
	held := b.size + int64(len(b.data))
	half := limit / 2
	switch {
	case held < announced:
		b.growTo(announced)
	case held >= half && held <= limit:
		b.join(limit + 1)
	default:
		if held > 0 {
			b.pieces = append(b.pieces, b.data)
			b.size = held
		}
		piece := max(held/4, minBodyBytes)
		if held < half {
			piece = min(piece, half-held)
		}
		b.data = make([]byte, 0, piece)
	}
}

// growTo makes room for an announced length in steps of four, the last of which is exact.
func (b *bodyBuffer) growTo(announced int64) {
	if int64(cap(b.data)) >= announced+spareBytes {
		return
	}
	proven := max(int64(cap(b.data))*4, maxUnprovenBytes)
	room := announced
	for room > proven {
		room = room/4 + 1
	}
	b.join(room)
}

// join moves everything into one slice with room for n bytes. The next page, which is never as
// long to the byte, fits too.
func (b *bodyBuffer) join(n int64) {
	if b.pieces == nil && int64(cap(b.data)) >= n {
		return
	}
	room := n + spareBytes
	if n <= maxUnprovenBytes {
		room += n / 16
	}
	whole := make([]byte, 0, room)
	for _, piece := range b.pieces {
		whole = append(whole, piece...)
	}
	b.data = append(whole, b.data...)
	b.drop()
}
