package download

import (
	"encoding/hex"

	"example.com/restorejobs/internal/partfile"
)

// partDestination writes to a part file and keeps its sidecar.
type partDestination struct {
	part      *partfile.Part
	sidecar   Sidecar
	singleUse bool // a request for the link must be on the disk before it is sent
}

func (d *partDestination) Write(p []byte) (int, error) { return d.part.Write(p) }

func (d *partDestination) SetRequested(requested bool) error {
	d.sidecar.Requested = requested
	if err := d.save(); err != nil || !d.singleUse {
		return err
	}
	return d.part.Sidecar().Sync()
}

// Reset truncates the part before it saves the sidecar: a sidecar must never describe bytes of
// another version.
func (d *partDestination) Reset(v Validators) error {
	if err := d.part.Truncate(0); err != nil {
		return err
	}
	d.sidecar.Validators = v
	d.sidecar.Bytes = 0
	d.sidecar.SHA1 = ""
	d.sidecar.Ranges = nil
	return d.save()
}

func (d *partDestination) Checkpoint(n, size int64, sum []byte) error {
	prev := d.sidecar
	d.sidecar.Bytes = n
	d.sidecar.Size = size
	d.sidecar.SHA1 = hex.EncodeToString(sum)
	d.sidecar.Ranges = nil
	err := d.save()
	if err != nil {
		d.sidecar = prev
	}
	return err
}

// CheckpointRanges records what is on the disk out of order.
func (d *partDestination) CheckpointRanges(s *segments) error {
	prev := d.sidecar
	d.sidecar.Bytes = s.base
	d.sidecar.Size = s.size
	d.sidecar.SHA1 = hex.EncodeToString(s.sum)
	d.sidecar.Ranges = s.ranges()
	err := d.save()
	if err != nil {
		d.sidecar = prev
	}
	return err
}

func (d *partDestination) save() error {
	text, err := d.sidecar.encode()
	if err != nil {
		return err
	}
	return d.part.Sidecar().Write(text)
}
