package download

import (
	"context"
	"errors"
	"os"

	"example.com/restorejobs/internal/partfile"
)

// Part is a file that was fetched whole. It has its name only after [Part.Commit], or from an
// earlier call whose sidecar exists. Close releases it.
type Part struct {
	Result

	dir      *os.Root
	transfer *transfer
	data     *partfile.Part    // nil for a file that an earlier call has committed
	sidecar  *partfile.Sidecar // of a file that an earlier call has committed
	kept     bool              // an existing file, without data and sidecar
}

// Kept reports a file that was in place, and that a record or a checksum has proved.
func (p *Part) Kept() bool { return p.kept }

// Fetch downloads a file into its part, for the caller to verify and commit. A file that an
// earlier call has committed is only hashed. The sidecar stays, for [RemoveSidecar].
func (f *Fetcher) Fetch(ctx context.Context, dir *os.Root, file *File) (*Part, error) {
	t := f.newTransfer(file)
	sidecar, err := t.lockCommitted(ctx, dir)
	if err != nil {
		return nil, err
	}
	if sidecar != nil {
		return &Part{Result: t.result(), dir: dir, transfer: t, sidecar: sidecar}, nil
	}
	if file.Keep {
		kept, err := t.keepExisting(ctx, dir)
		if kept != nil || err != nil {
			return kept, err
		}
	}
	return t.fetchPart(ctx, dir)
}

func (t *transfer) fetchPart(ctx context.Context, dir *os.Root) (*Part, error) {
	if err := partfile.CheckTarget(dir, t.file.Name, t.client.Overwrite); err != nil {
		return nil, err
	}
	data, err := partfile.Open(dir, t.file.Name)
	if err != nil {
		return nil, err
	}
	part := &Part{dir: dir, transfer: t, data: data}
	isFetched := false
	defer func() {
		if !isFetched { // also after a panic of Progress
			part.Close()
		}
	}()
	if err := t.resumePart(ctx, data); err != nil {
		return nil, part.Keep(err)
	}
	if err := t.run(ctx); err != nil {
		return nil, part.Keep(err)
	}
	part.Result = t.result()
	isFetched = true
	return part, nil
}

// WouldReplace reports whether Commit would replace another file.
func (p *Part) WouldReplace() bool {
	return p.data != nil && partfile.CheckTarget(p.dir, p.transfer.file.Name, false) != nil
}

// Commit writes the part to the disk and gives it its name. It reports the end of the file to
// Progress. After an error the part is kept if a later call can commit it.
func (p *Part) Commit(overwrite bool) error {
	if err := p.commit(overwrite); err != nil {
		return err
	}
	p.transfer.progress.finish(p.Size)
	return nil
}

func (p *Part) commit(overwrite bool) error {
	if p.data == nil {
		return partfile.SyncDir(p.dir) // the earlier call may have failed to do that
	}
	err := p.data.Commit(overwrite)
	hasNothingToKeep := p.data.Committed() || errors.Is(err, partfile.ErrReplaced)
	if err == nil || hasNothingToKeep {
		return err
	}
	return p.Keep(err)
}

// Discard removes a file that proved wrong. The sidecar of a single-use link stays: it records
// that the link was requested.
func (p *Part) Discard() error {
	switch {
	case p.kept:
		return nil // it is for its owner to remove
	case p.data == nil:
		_ = p.dir.Remove(p.transfer.file.Name) // its sidecar proves that this library wrote it
		return p.transfer.resetSidecar(p.sidecar)
	case p.transfer.file.SingleUse:
		return p.transfer.dest.Reset(noValidators)
	default:
		p.data.Discard()
		return nil
	}
}

// Keep keeps the part if it holds verified bytes, or if its sidecar must record that a
// single-use link was requested. It adds to err how much is kept.
func (p *Part) Keep(err error) error {
	t := p.transfer
	keptBytes := int64(0)
	if dest, ok := t.dest.(*partDestination); ok {
		keptBytes = min(dest.sidecar.kept(), p.data.Size())
	}
	mustRecordRequest := t.requested && t.file.SingleUse
	switch {
	case errors.Is(err, errForeignPart), !p.data.Exists():
		return err
	case keptBytes > 0:
		return &partKeptError{
			err:       err,
			keptBytes: keptBytes,
			total:     t.validators.Size,
			file:      t.file.Name + partfile.Suffix,
		}
	case !mustRecordRequest:
		p.data.Discard()
	}
	return err
}

// Close releases the part and its lock. What was neither committed nor discarded stays.
func (p *Part) Close() {
	switch {
	case p.data != nil:
		p.data.Close()
	case p.sidecar != nil:
		p.sidecar.Close()
	}
}

// resetSidecar removes the sidecar of a file that proved wrong, except for a single-use link:
// a later call must not request it again.
func (t *transfer) resetSidecar(sidecar *partfile.Sidecar) error {
	if !t.file.SingleUse {
		return sidecar.Remove()
	}
	content := Sidecar{Identity: t.file.Identity, Requested: true, Validators: noValidators}
	text, err := content.encode()
	if err != nil {
		return err
	}
	return sidecar.Write(text)
}
