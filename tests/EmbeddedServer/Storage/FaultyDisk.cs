using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Onramp.EmbeddedServer.Tests.Storage;

/// <summary>How a disk fails.</summary>
public enum DiskFault
{
    None,

    /// <summary>ENOSPC.</summary>
    Full,

    /// <summary>EIO.</summary>
    WriteError,

    /// <summary>fsync says that what was written may not be there.</summary>
    SyncError,

    /// <summary>Half of what is written is there when the disk is full.</summary>
    ShortWrite,

    /// <summary>EIO, when something is read.</summary>
    ReadError,
}

/// <summary>
/// A disk that fails when told to: a layer between SQLite and the operating system (a VFS) that lets everything through except, while a
/// fault is set, reads, writes or syncs of files in one folder. It is installed once in the process; other folders never notice.
/// </summary>
internal sealed unsafe partial class FaultyDisk : IDisposable
{
    private const int Ok = 0;
    private const int Full = 13;
    private const int ReadIoError = 10 | (1 << 8);
    private const int WriteIoError = 10 | (3 << 8);
    private const int SyncIoError = 10 | (4 << 8);

    private static readonly ConcurrentDictionary<string, FaultyDisk> Disks = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<nint, Opened> Files = new();
    private static readonly ConcurrentDictionary<nint, nint> Layers = new();
    private static readonly Lock Gate = new();
    private static Vfs* system;

    private readonly string folder;
    private volatile DiskFault fault;

    private FaultyDisk(string folder) => this.folder = folder;

    public DiskFault Fault
    {
        get => fault;
        set => fault = value;
    }

    /// <summary>The only file that the fault is about; null for all.</summary>
    public string? FailsOnly { get; set; }

    /// <summary>Puts it under the files of a folder that are opened from now on.</summary>
    public static FaultyDisk Under(string folder)
    {
        SQLitePCL.Batteries_V2.Init();
        lock (Gate)
        {
            if (system is null)
            {
                Install();
            }
        }

        var disk = new FaultyDisk(folder);
        Disks[folder] = disk;
        return disk;
    }

    public void Dispose() => Disks.TryRemove(folder, out _);

    private static void Install()
    {
        system = (Vfs*)sqlite3_vfs_find(0);
        var own = (Vfs*)NativeMemory.AllocZeroed((nuint)sizeof(Vfs));
        *own = *system;
        own->Next = 0;
        own->Name = Marshal.StringToCoTaskMemUTF8("faulty");
        own->Open = &Open;
        if (sqlite3_vfs_register((nint)own, 1) != Ok)
        {
            throw new InvalidOperationException("SQLite took no VFS");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(Vfs* vfs, byte* name, SqliteFile* file, int flags, int* outFlags)
    {
        var result = system->Open(system, name, file, flags, outFlags);
        if (result == Ok && name is not null && Marshal.PtrToStringUTF8((nint)name) is { } path
            && Disks.TryGetValue(Path.GetDirectoryName(path) ?? "", out var disk))
        {
            Files[(nint)file] = new Opened(disk, path, (nint)file->Methods);
            file->Methods = (Methods*)Layers.GetOrAdd((nint)file->Methods, Layer);
        }

        return result;
    }

    /// <summary>The same methods, but for those that fail.</summary>
    private static nint Layer(nint original)
    {
        var own = (Methods*)NativeMemory.Alloc((nuint)sizeof(Methods));
        *own = *(Methods*)original;
        own->Close = &Close;
        own->Read = &Read;
        own->Write = &Write;
        own->Sync = &Sync;
        return (nint)own;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(SqliteFile* file)
    {
        Files.TryRemove((nint)file, out var opened);
        file->Methods = (Methods*)opened.Methods;
        return file->Methods->Close(file);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(SqliteFile* file, void* data, int count, long offset)
    {
        var opened = Files[(nint)file];
        return opened.Fault == DiskFault.ReadError ? ReadIoError : ((Methods*)opened.Methods)->Read(file, data, count, offset);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(SqliteFile* file, void* data, int count, long offset)
    {
        var opened = Files[(nint)file];
        return opened.Fault switch
        {
            DiskFault.Full => Full,
            DiskFault.WriteError => WriteIoError,
            DiskFault.ShortWrite => WriteHalf((Methods*)opened.Methods, file, data, count, offset),
            _ => ((Methods*)opened.Methods)->Write(file, data, count, offset),
        };
    }

    private static int WriteHalf(Methods* methods, SqliteFile* file, void* data, int count, long offset)
    {
        _ = methods->Write(file, data, count / 2, offset);
        return Full;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(SqliteFile* file, int flags)
    {
        var opened = Files[(nint)file];
        return opened.Fault == DiskFault.SyncError ? SyncIoError : ((Methods*)opened.Methods)->Sync(file, flags);
    }

    [LibraryImport("e_sqlite3")]
    private static partial nint sqlite3_vfs_find(nint name);

    [LibraryImport("e_sqlite3")]
    private static partial int sqlite3_vfs_register(nint vfs, int makeDefault);

    private readonly record struct Opened(FaultyDisk Disk, string Path, nint Methods)
    {
        public DiskFault Fault => Disk.FailsOnly is { } only && only != Path ? DiskFault.None : Disk.Fault;
    }

    /// <summary><c>sqlite3_file</c>.</summary>
    private struct SqliteFile
    {
        public Methods* Methods;
    }

    /// <summary><c>sqlite3_vfs</c>, with what is not used here as it comes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Vfs
    {
        public int Version;
        public int FileSize;
        public int MaximumPath;
        public nint Next;
        public nint Name;
        public nint ApplicationData;
        public delegate* unmanaged[Cdecl]<Vfs*, byte*, SqliteFile*, int, int*, int> Open;
        public Rest Others;

        [InlineArray(15)]
        public struct Rest
        {
            private nint first;
        }
    }

    /// <summary><c>sqlite3_io_methods</c> up to version 3.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Methods
    {
        public int Version;
        public delegate* unmanaged[Cdecl]<SqliteFile*, int> Close;
        public delegate* unmanaged[Cdecl]<SqliteFile*, void*, int, long, int> Read;
        public delegate* unmanaged[Cdecl]<SqliteFile*, void*, int, long, int> Write;
        public nint Truncate;
        public delegate* unmanaged[Cdecl]<SqliteFile*, int, int> Sync;
        public Rest Others;

        [InlineArray(13)]
        public struct Rest
        {
            private nint first;
        }
    }
}
