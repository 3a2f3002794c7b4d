"""Where a file that a browser sends lies while its request lasts.

Django's own temporary files have a name in a folder, and one of a process that is killed stays there, with its rows about students.
"""

from tempfile import TemporaryFile
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class UnnamedFileUploadHandler(FileUploadHandler):
    """Puts the file on the disk without a name: the kernel frees it when its process ends, however it ends."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        kept = TemporaryFile()  # noqa: SIM115  closed with the request
        self.file = UploadedFile(
            kept, self.file_name, self.content_type, 0, self.charset, self.content_type_extra
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        self.file.close()
