package fetch

import "time"

// progressEvery bounds how often one file reports.
const progressEvery = 250 * time.Millisecond

// Progress is how far a file has come.
type Progress struct {
	// Bytes is how much is there, with Resumed.
	Bytes int64
	// Total is the size of the file, -1 where the server does not tell.
	Total int64
	// Resumed is how much of it was there from an earlier call.
	Resumed int64
	// Done is set in the last report: the file is whole, checked and in place.
	Done bool
}

// meter follows one file. It is used by one goroutine.
type meter struct {
	tell func(Progress) // nil for nobody
	seen Progress
	last time.Time
}

func newMeter(tell func(Progress)) *meter { return &meter{tell: tell, seen: Progress{Total: -1}} }

// begin says how far the file is before the next byte comes.
func (m *meter) begin(bytes, total int64) {
	m.seen.Bytes, m.seen.Total, m.seen.Resumed = bytes, total, min(bytes, m.seen.Resumed)
	m.report()
}

// resume says how much an earlier call has left.
func (m *meter) resume(bytes, total int64) {
	m.seen.Resumed = bytes
	m.begin(bytes, total)
}

// add counts bytes as they come.
func (m *meter) add(n int64) {
	m.seen.Bytes += n
	if m.tell != nil && time.Since(m.last) >= progressEvery {
		m.report()
	}
}

// end says that the file is in place.
func (m *meter) end(size int64) {
	m.seen.Bytes, m.seen.Total, m.seen.Done = size, size, true
	m.report()
}

func (m *meter) report() {
	if m.tell == nil {
		return
	}
	m.tell(m.seen)
	m.last = time.Now()
}
