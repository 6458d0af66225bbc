package restorejobs

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"

	"example.com/restorejobs/internal/partfile"
	"example.com/restorejobs/internal/pipeline"
)

// toDirectory brings one file into a directory under its name: what an earlier call has
// finished is only checked.
func (d *download) toDirectory(ctx context.Context, dir *os.Root, file *wanted) (*File, error) {
	f := d.fetch(file)
	finished, err := f.inPlace(ctx, dir)
	if err != nil {
		return nil, err
	}
	if !finished {
		return f.fetchInto(ctx, dir)
	}
	verified, err := f.verify(ctx)
	if spoilt(err) {
		_ = dir.Remove(file.name) // it is ours, as its note shows
		_ = partfile.RemoveNote(dir, file.name)
		return nil, err
	}
	return f.done(verified), err
}

// inPlace reports whether the file is there already, as its note says.
func (f *fetch) inPlace(ctx context.Context, dir *os.Root) (bool, error) {
	known := f.file.known
	if known == nil || !known.note.whole() {
		return false, nil
	}
	target, err := partfile.OpenTarget(dir, f.file.name)
	if err != nil {
		return false, nil // what is not there, or no file, is not in place
	}
	defer func() { _ = target.Close() }() // it was only read
	if info, err := target.Stat(); err != nil || info.Size() != known.note.Size {
		return false, nil
	}
	return f.trust(ctx, target, &known.note)
}

// trust hashes what is there, and takes it over where it is what its note says: a
// machine that went down can have left anything.
func (f *fetch) trust(ctx context.Context, content io.Reader, note *partNote) (bool, error) {
	f.meter.resume(0, note.Size)
	body := &linkBody{body: &untilDone{ctx, io.LimitReader(content, note.Bytes)}, clock: &stallClock{}, meter: f.meter}
	n, err, _ := f.line.Run(pipeline.Job{From: body, Hash: f.hash})
	if err != nil {
		return false, err
	}
	if want, err := hex.DecodeString(note.SHA1); err != nil || n != note.Bytes || !bytes.Equal(want, f.hash.Sum(nil)) {
		f.hash.Reset()
		return false, nil //nolint:nilerr // a note that cannot be read proves nothing
	}
	f.bytes, f.proof = n, proof{size: note.Size, etag: note.ETag, modified: note.LastModified}
	f.meter.resume(f.bytes, f.proof.size)
	return true, nil
}

// fetchInto fetches the file into its part and gives it its name.
func (f *fetch) fetchInto(ctx context.Context, dir *os.Root) (*File, error) {
	overwrite := f.download.opts.Overwrite
	if err := partfile.CheckTarget(dir, f.file.name, overwrite); err != nil {
		return nil, err
	}
	part, err := partfile.Open(dir, f.file.name)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	if err := f.resume(ctx, part); err != nil {
		return nil, f.leave(part, err)
	}
	if err := f.run(ctx); err != nil {
		return nil, f.leave(part, err)
	}
	verified, err := f.verify(ctx)
	if spoilt(err) {
		part.Discard()
		return nil, err
	}
	if err := part.Finish(overwrite); err != nil {
		return nil, f.leave(part, err)
	}
	return f.done(verified), err
}

// spoilt reports an error that is about the bytes, not about getting at their checksum.
func spoilt(err error) bool {
	var unverified *unverifiedError
	return err != nil && !errors.As(err, &unverified)
}

// leave keeps a part that has something in it, or whose link must not be asked again.
func (f *fetch) leave(part *partfile.Part, err error) error {
	if part.Size() > 0 {
		return &keptError{err: err, kept: part.Size(), total: f.proof.size, file: f.file.name + partfile.Suffix}
	}
	if !f.asked || f.file.link.MaxDownloads != 1 {
		part.Discard()
	}
	return err
}

// resume takes over what an earlier call has left in the part.
func (f *fetch) resume(ctx context.Context, part *partfile.Part) error {
	to := &partTarget{part: part, note: partNote{
		JobID: f.download.job.ID, Files: f.download.job.fileCount(), FileName: f.file.link.FileName, ReplicaSet: f.file.link.ReplicaSet, Size: -1,
	}}
	f.to = to
	text, err := part.Note()
	if err != nil {
		return err
	}
	note, ok := readNote(text, f.download.job.ID)
	ok = ok && note.sameFile(&to.note)
	cut := len(text) > 0 && !json.Valid(text) // a process was killed while it wrote: it says nothing
	f.asked = ok && note.Asked || cut && part.Size() > 0
	to.note.Asked = f.asked
	if !ok || note.SHA1 == "" || note.Bytes > part.Size() {
		return part.Truncate(0)
	}
	trusted, err := f.trust(ctx, part.Content(), &note)
	if err != nil {
		return err
	}
	if !trusted {
		return part.Truncate(0)
	}
	to.note = note
	return part.Truncate(note.Bytes)
}

// done describes the file, and says so.
func (f *fetch) done(verified bool) *File {
	f.meter.end(f.bytes)
	return &File{Size: f.bytes, SHA1: f.sum(), Verified: verified, ReplicaSet: f.file.link.ReplicaSet}
}

// untilDone is a reader that ends with a context.
type untilDone struct {
	ctx  context.Context //nolint:containedctx // of the one reading
	from io.Reader
}

func (r *untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

// toWriter fetches one file into a writer.
func (d *download) toWriter(ctx context.Context, w io.Writer, file *wanted) (*File, error) {
	f := d.fetch(file)
	f.to = &writerTarget{w: w}
	if err := f.run(ctx); err != nil {
		return nil, err
	}
	verified, err := f.verify(ctx)
	if spoilt(err) {
		return nil, err
	}
	return f.done(verified), err
}

// writerTarget is a destination that cannot take anything back.
type writerTarget struct {
	w       io.Writer
	written bool
}

func (t *writerTarget) Write(p []byte) (int, error) {
	t.written = true
	return t.w.Write(p)
}

func (t *writerTarget) restart(proof) error {
	if t.written {
		return errNoWayBack
	}
	return nil
}

var errNoWayBack = errors.New("the server does not go on with a broken download, and what was written cannot be taken back")

func (t *writerTarget) asking(bool) error               { return nil }
func (t *writerTarget) mark(int64, int64, []byte) error { return nil }

// partNote is what is known of a file that is not whole, or that is whole while others
// of its job are not, for the process that goes on with it. It holds no secret.
type partNote struct {
	JobID        string `json:"jobId"`
	Files        int    `json:"files"` // that the job has
	FileName     string `json:"fileName"`
	ReplicaSet   string `json:"replicaSet,omitzero"`
	Asked        bool   `json:"asked"` // the link has been requested
	Size         int64  `json:"size"`  // -1: unknown
	ETag         string `json:"etag,omitzero"`
	LastModified string `json:"lastModified,omitzero"`
	Bytes        int64  `json:"bytes"`         // that are certain to be there
	SHA1         string `json:"sha1,omitzero"` // of them
}

// readNote reads a note of a job; ok is false for any other text.
func readNote(text []byte, jobID string) (note partNote, ok bool) {
	if err := json.Unmarshal(text, &note); err != nil {
		return partNote{}, false
	}
	return note, note.JobID == jobID && note.Bytes >= 0 && (note.Size < 0 || note.Bytes <= note.Size)
}

// whole reports whether all bytes were there when the note was written.
func (n *partNote) whole() bool { return n.Size >= 0 && n.Bytes == n.Size && n.SHA1 != "" }

// sameFile reports whether two notes are about one file of one job.
func (n *partNote) sameFile(other *partNote) bool {
	return n.JobID == other.JobID && n.FileName == other.FileName && n.ReplicaSet == other.ReplicaSet
}

// knownFile is what an earlier call has left of a file.
type knownFile struct {
	name string // in the directory
	note partNote
}

// knownFiles are the files of a job that earlier calls have left, by [fileKey].
type knownFiles map[string]*knownFile

// fileKey tells the files of a job apart: by replica set, for which a file has one link
// or another, and else by name.
func fileKey(replicaSet, fileName string) string {
	if replicaSet != "" {
		return "replica set " + replicaSet
	}
	return "file " + fileName
}

// readKnown looks for notes of a job.
func readKnown(dir *os.Root, jobID string) (knownFiles, error) {
	notes, err := partfile.Notes(dir)
	if err != nil {
		return nil, err
	}
	known := knownFiles{}
	for name, text := range notes {
		if note, ok := readNote(text, jobID); ok && fileName(name) == name {
			known[fileKey(note.ReplicaSet, note.FileName)] = &knownFile{name: name, note: note}
		}
	}
	return known, nil
}

// whole reports whether a replica set needs no link any more.
func (k knownFiles) whole(replicaSet string) bool {
	file := k[fileKey(replicaSet, "")]
	return file != nil && file.note.whole()
}

// all reports whether nothing of a job is missing, or nothing of one replica set.
func (k knownFiles) all(replicaSet string) bool {
	if replicaSet != "" {
		return k.whole(replicaSet)
	}
	whole, files := 0, 0
	for _, file := range k {
		if file.note.whole() {
			whole, files = whole+1, file.note.Files
		}
	}
	return whole > 0 && whole == files
}

// partTarget is a destination in a directory.
type partTarget struct {
	part *partfile.Part
	note partNote
}

func (t *partTarget) Write(p []byte) (int, error) { return t.part.Write(p) }

func (t *partTarget) asking(asked bool) error {
	t.note.Asked = asked
	return t.save()
}

// restart empties the part before its note changes: a note must never vouch for bytes
// of another version.
func (t *partTarget) restart(p proof) error {
	if err := t.part.Truncate(0); err != nil {
		return err
	}
	t.note.Size, t.note.ETag, t.note.LastModified = p.size, p.etag, p.modified
	t.note.Bytes, t.note.SHA1 = 0, ""
	return t.save()
}

func (t *partTarget) mark(n, size int64, sum []byte) error {
	t.note.Bytes, t.note.Size, t.note.SHA1 = n, size, hex.EncodeToString(sum)
	return t.save()
}

func (t *partTarget) save() error {
	text, err := json.Marshal(&t.note)
	if err != nil {
		return err
	}
	return t.part.SetNote(text)
}
