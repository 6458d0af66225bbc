package cookbook

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path"

	"example.com/restorejobs"
)

// Unpack writes the files of a finished download into a directory while they arrive.
func Unpack(ctx context.Context, jobs *restorejobs.Jobs, jobID, directory string) error {
	folder, err := os.OpenRoot(directory) // no file can be outside of it
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	file, err := jobs.Open(ctx, jobID, restorejobs.DownloadOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	archive := tar.NewReader(unzipped)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := unpackFile(folder, header, archive); err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, file) // the end of the file is where it is verified
	return err
}

// unpackFile writes a regular file, and skips all other entries.
func unpackFile(folder *os.Root, header *tar.Header, content io.Reader) error {
	if header.Typeflag != tar.TypeReg {
		return nil
	}
	if err := folder.MkdirAll(path.Dir(header.Name), 0o750); err != nil {
		return err
	}
	file, err := folder.Create(header.Name)
	if err != nil {
		return err
	}
	_, err = io.CopyN(file, content, header.Size)
	return errors.Join(err, file.Close())
}

// Links starts a download that each member can fetch, and returns its links by replica set.
func Links(ctx context.Context, source *restorejobs.Source, members int) (map[string]restorejobs.DownloadLink, error) {
	snapshot, err := source.Snapshots.Newest(ctx, restorejobs.SnapshotOptions{})
	if err != nil {
		return nil, err
	}
	uses := restorejobs.DownloadLinkOptions{MaxDownloads: members} // one for each member
	created, err := source.Jobs.Create(ctx, restorejobs.FromSnapshot(snapshot.ID), restorejobs.ToDownloadWith(uses))
	if err != nil {
		return nil, err
	}
	finished, err := source.Jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{})
	if err != nil {
		return nil, err
	}
	links := map[string]restorejobs.DownloadLink{}
	for _, job := range finished {
		for _, link := range job.DownloadLinks() {
			links[link.ReplicaSet] = link // link.URL.Reveal() is the secret link
		}
	}
	return links, nil
}

// TakeOver downloads the newest restore that is running, also one of another person.
func TakeOver(ctx context.Context, jobs *restorejobs.Jobs, directory string) ([]restorejobs.DownloadedFile, error) {
	var newest *restorejobs.Job
	for job, err := range jobs.All(ctx, restorejobs.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		isNewer := newest == nil || job.CreationTime().After(newest.CreationTime())
		if !job.State().Terminal() && isNewer {
			newest = job
		}
	}
	if newest == nil {
		return nil, errors.New("no restore is running")
	}
	if _, err := jobs.Wait(ctx, []string{newest.ID}, restorejobs.WaitOptions{}); err != nil {
		return nil, err
	}
	return jobs.Download(ctx, []string{newest.ID}, directory, restorejobs.DownloadOptions{})
}
