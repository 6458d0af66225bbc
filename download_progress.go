package restorejobs

import (
	"sync"
	"time"
)

// progressEvery bounds how often one file reports.
const progressEvery = 250 * time.Millisecond

// progressGate lets one report through at a time.
type progressGate struct {
	mu   sync.Mutex
	tell func(Progress)
}

// meter follows one file. It is used by one goroutine.
type meter struct {
	gate *progressGate
	seen Progress
	last time.Time
}

func (d *download) meter(file *wanted) *meter {
	return &meter{gate: &d.gate, seen: Progress{File: file.name, ReplicaSet: file.link.ReplicaSet, Total: -1}}
}

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
	if m.gate.tell != nil && time.Since(m.last) >= progressEvery {
		m.report()
	}
}

// end says that the file is in place.
func (m *meter) end(size int64) {
	m.seen.Bytes, m.seen.Total, m.seen.Done = size, size, true
	m.report()
}

func (m *meter) report() {
	if m.gate.tell == nil {
		return
	}
	m.gate.mu.Lock()
	defer m.gate.mu.Unlock()
	m.gate.tell(m.seen)
	m.last = time.Now()
}
