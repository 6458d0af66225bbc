package partfile

// Allocate gives the part its whole size, for ranges that are written in any order.
func (p *Part) Allocate(size int64) error {
	if err := allocate(p.data, size); err != nil {
		return err
	}
	p.size = size
	return nil
}

// WriteAt writes a range of an allocated part. Several goroutines may write ranges that do not
// overlap.
func (p *Part) WriteAt(b []byte, offset int64) (int, error) { return p.data.WriteAt(b, offset) }

// ReadAt reads a range of the part, also while others are written.
func (p *Part) ReadAt(b []byte, offset int64) (int, error) { return p.data.ReadAt(b, offset) }

// Flush starts to write a range to the disk, and reports whether it could: one range is written at a
// time.
func (p *Part) Flush(offset, n int64) bool { return p.flusher.start(p.data, offset, n) }
